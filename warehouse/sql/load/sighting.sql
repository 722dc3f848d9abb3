-- Move the last sighting of pages that are seen again as they were. Of each page's newest segment the
-- first and the last capture stay, of each status and validator.
-- reads: arrived, seen_again, vintage.sighting
-- writes: sighting_now, vintage.sighting
CREATE OR REPLACE TEMP TABLE sighting_now AS
WITH segment AS (
    SELECT about, url, max(segment_from) AS segment_from, bool_or(thinned) AS thinned
    FROM vintage.sighting
    SEMI JOIN seen_again USING (about, url)
    GROUP BY about, url
),
seen AS (
    SELECT
        s.about, a.subject, a.page_kind, a.url, a.captured_at, a.parse_key, a.capture_id,
        a.statement_month,
        if(a.source = 'gateway', a.http_status, NULL) AS http_status,
        coalesce(a.etag, a.last_modified) AS validator,
        a.is_cut, if(s.thinned, s.segment_from, a.captured_at) AS segment_from, s.thinned
    FROM arrived AS a
    JOIN segment AS s
        ON s.url = a.url
        AND s.about
        = raw.about_of(a.subject, a.programme_id, a.fund_code)
    WHERE a.state = 'loaded'
    UNION ALL BY NAME
    SELECT g.*
    FROM vintage.sighting AS g
    SEMI JOIN segment AS s
        ON s.about = g.about AND s.url = g.url AND s.segment_from = g.segment_from
)
FROM seen
WINDOW alike AS (PARTITION BY about, url, segment_from, http_status, validator, is_cut)
QUALIFY NOT thinned
    OR captured_at = min(captured_at) OVER alike
    OR captured_at = max(captured_at) OVER alike;

DELETE FROM vintage.sighting
WHERE (about, url, segment_from) IN (SELECT (about, url, segment_from) FROM sighting_now);

INSERT INTO vintage.sighting BY NAME FROM sighting_now;

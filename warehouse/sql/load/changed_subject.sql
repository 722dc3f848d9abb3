-- Find the programmes and funds that have to be derived anew. Where every new capture shows an open
-- page as it was seen last, and no year has begun or become final since, only the time moves at which
-- the open pages were seen last.
-- reads: arrived, raw.capture, observed.part, observed.answer, changed_subject, vintage.open_page, vintage.last_shown, vintage.sighting, observed.body
-- writes: shown_now, seen_again, changed_subject, shown_later, vintage.open_page, vintage.last_shown
CREATE OR REPLACE TEMP TABLE shown_now AS
-- An answer that is older than another to its query decides anew whether that one is whole.
WITH newest AS (
    SELECT c.url, max(c.captured_at) = max(a.captured_at) AS is_newest
    FROM raw.capture AS c
    JOIN arrived AS a USING (url)
    WHERE a.page_kind = 'api_answer'
    GROUP BY c.url
)
SELECT
    raw.about_of(subject, programme_id, fund_code) AS about,
    url,
    content_digest,
    min(captured_at) AS first_at,
    max(captured_at) AS last_at
FROM arrived
WHERE state = 'loaded' AND subject IN ('programme', 'fund')
GROUP BY ALL
UNION ALL
SELECT
    p.programme_id, a.url, if(n.is_newest, p.part_key, NULL), min(a.captured_at), max(a.captured_at)
FROM arrived AS a
JOIN newest AS n USING (url)
JOIN observed.part AS p USING (parse_key)
WHERE a.state = 'loaded'
GROUP BY ALL
UNION ALL
-- A programme that an answer to the same query has shown, and of which this answer has no row.
SELECT
    k.programme_id, a.url, if(n.is_newest, w.empty_part_key, NULL),
    min(a.captured_at), max(a.captured_at)
FROM arrived AS a
JOIN newest AS n USING (url)
JOIN observed.answer AS w USING (parse_key)
JOIN (
    SELECT DISTINCT p.programme_id, c.url
    FROM (SELECT DISTINCT url, parse_key FROM raw.capture SEMI JOIN newest USING (url)) AS c
    JOIN observed.part AS p USING (parse_key)
) AS k ON k.url = a.url
ANTI JOIN observed.part AS p ON p.parse_key = a.parse_key AND p.programme_id = k.programme_id
WHERE a.state = 'loaded' AND w.empty_part_key IS NOT NULL
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE seen_again AS
WITH matched AS (
    SELECT
        n.about,
        o.url,
        o.content_digest,
        n.last_at,
        o.page,
        n.first_at > o.last_at
        AND core.period_of(n.last_at) = core.period_of(o.last_at) AS again
    FROM shown_now AS n
    LEFT JOIN vintage.open_page AS o
        ON o.about = n.about AND o.url = n.url AND o.content_digest = n.content_digest
)
SELECT * EXCLUDE (again)
FROM matched
QUALIFY bool_and(coalesce(again, false)) OVER (PARTITION BY about);

DELETE FROM seen_again WHERE about IN (FROM changed_subject);

-- A page that comes with a validator that it had with other content: its 304s count no longer.
DELETE FROM seen_again
WHERE about IN (
    SELECT s.about
    FROM vintage.sighting AS s
    JOIN observed.body AS b USING (parse_key)
    JOIN arrived AS a
        ON a.url = s.url
        AND coalesce(a.etag, a.last_modified) = s.validator
        AND a.content_digest <> b.content_digest
    WHERE s.http_status = 200 AND a.http_status = 200 AND NOT s.is_cut AND NOT a.is_cut
);

INSERT INTO changed_subject
SELECT DISTINCT about
FROM shown_now
ANTI JOIN seen_again USING (about)
ANTI JOIN changed_subject USING (about);

DELETE FROM vintage.open_page
WHERE (about, url) IN (SELECT (about, url) FROM seen_again);

INSERT INTO vintage.open_page BY NAME FROM seen_again;

CREATE OR REPLACE TEMP TABLE shown_later AS
SELECT l.about, l.pages, max(o.last_at) AS last_at
FROM vintage.last_shown AS l
JOIN vintage.open_page AS o ON o.about = l.about AND o.page & l.pages > 0
SEMI JOIN seen_again AS a ON a.about = l.about
GROUP BY l.about, l.pages;

DELETE FROM vintage.last_shown WHERE about IN (SELECT about FROM seen_again);

INSERT INTO vintage.last_shown BY NAME FROM shown_later;

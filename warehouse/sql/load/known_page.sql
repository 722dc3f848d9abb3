-- Where all new captures of a programme or fund come after those that are known of it, it is derived from
-- its sightings and the new captures, and the ledger is not searched. Programmes that answers of the API
-- show are derived from the ledger: an answer is about many.
-- reads: arrived, changed_subject, observed.part, vintage.page_body, vintage.sighting
-- writes: known_page
CREATE OR REPLACE TEMP TABLE known_page AS
WITH new_page AS (
    SELECT
        raw.about_of(subject, programme_id, fund_code) AS about,
        subject, page_kind, url, captured_at, parse_key, capture_id, statement_month,
        if(source = 'gateway', http_status, NULL) AS status,
        coalesce(etag, last_modified) AS validator,
        false AS thinned
    FROM arrived
    WHERE state = 'loaded' AND about IN (FROM changed_subject)
),
seen_before AS (
    SELECT
        raw.about_of(subject, programme_id, fund_code) AS about,
        max(last_at) AS last_at
    FROM vintage.page_body
    WHERE state = 'loaded' AND about IN (FROM changed_subject)
    GROUP BY about
),
later AS (
    SELECT n.about
    FROM new_page AS n
    LEFT JOIN seen_before AS b USING (about)
    ANTI JOIN observed.part AS p ON p.programme_id = n.about
    GROUP BY n.about
    HAVING coalesce(bool_and(n.captured_at > b.last_at), true)
)
FROM new_page
SEMI JOIN later USING (about)
UNION ALL BY NAME
SELECT s.* EXCLUDE (is_cut, segment_from) RENAME (http_status AS status)
FROM vintage.sighting AS s
SEMI JOIN later USING (about);

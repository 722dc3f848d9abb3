-- Join the captures of each page (one URL) into segments. Within a segment the page shows the same
-- content, no year begins or becomes final, and no other page gives the programme another status or
-- end, so that nothing derived can change. A page seen unchanged every night for a year is two
-- segments, which keeps the cost of history down.
-- reads: evidence, status_so_far
-- writes: page_island, page_segment

CREATE OR REPLACE TEMP TABLE page_island AS
WITH numbered AS (
    SELECT
        e.*,
        s.status_so_far,
        e.content_digest IS DISTINCT FROM lag(e.content_digest) OVER earlier
        OR s.status_so_far IS DISTINCT FROM lag(s.status_so_far) OVER earlier
        OR core.period_of(captured_at) <> core.period_of(lag(captured_at) OVER earlier) AS begins
    FROM evidence AS e
    LEFT JOIN status_so_far AS s USING (about, captured_at)
    WINDOW earlier AS (PARTITION BY about, url ORDER BY captured_at, parse_key)
)
SELECT
    * EXCLUDE (begins),
    count(*) FILTER (begins) OVER (
        PARTITION BY about, url ORDER BY captured_at, parse_key
    ) AS island
FROM numbered;

CREATE OR REPLACE TEMP TABLE page_segment AS
SELECT
    about,
    subject,
    url,
    arg_min(parse_key, (captured_at, parse_key)) AS parse_key,
    any_value(statement_month) AS statement_month,  -- of the URL
    any_value(content_digest) AS content_digest,
    any_value(status_so_far) AS status_so_far,
    bool_or(from_api) AS from_api,
    min(captured_at) AS first_at,
    max(captured_at) AS last_at,
    arg_min(capture_id, (captured_at, parse_key)) AS capture_id,
    rank() OVER (PARTITION BY about, url ORDER BY island DESC) = 1 AS newest
FROM page_island
GROUP BY about, subject, url, island;

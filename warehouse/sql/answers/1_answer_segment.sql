-- Join the captures of each query into segments: over one, the answer is the same, and no year begins
-- or becomes final. All answers to a query count, those without rows of the changed years too: what
-- they lack is gone.
-- reads: changed_years, raw.capture, observed.answer, observed.organization_figure, observed.contribution
-- writes: answer_row, answer_segment

CREATE OR REPLACE TEMP TABLE answer_row AS
SELECT
    'organization' AS kind,
    * RENAME (agency_code AS code, organization AS name, organization_printed AS printed)
FROM observed.organization_figure
SEMI JOIN changed_years USING (from_year, to_year)
UNION ALL BY NAME
SELECT
    'contribution' AS kind,
    * RENAME (fund_code AS code, contributor AS name, contributor_printed AS printed)
FROM observed.contribution
SEMI JOIN changed_years USING (from_year, to_year);

CREATE OR REPLACE TEMP TABLE answer_segment AS
WITH asked AS (
    SELECT DISTINCT url
    FROM raw.capture
    WHERE state = 'loaded' AND parse_key IN (SELECT parse_key FROM answer_row)
),
numbered AS (
    SELECT
        *,
        parse_key IS DISTINCT FROM lag(parse_key) OVER earlier
        OR core.period_of(captured_at) <> core.period_of(lag(captured_at) OVER earlier) AS begins
    FROM vintage.seen_answers()
    WHERE url IN (FROM asked)
    WINDOW earlier AS (PARTITION BY url ORDER BY captured_at, parse_key, capture_id)
),
islands AS (
    SELECT
        *,
        count(*) FILTER (begins) OVER (
            PARTITION BY url ORDER BY captured_at, parse_key, capture_id
        ) AS island
    FROM numbered
)
SELECT
    url,
    parse_key,
    min(captured_at) AS first_at,
    max(captured_at) AS last_at,
    arg_min(capture_id, (captured_at, capture_id)) AS capture_id,
    bool_and(is_whole) AS read_in_full
FROM islands
GROUP BY url, parse_key, island;

-- Join the captures of each query into segments: over one, the answer is the same, and no year becomes
-- final. A segment is read in full if its answer is, and if it has not lost most of the rows of the
-- answer before, which is then no evidence that the missing ones are gone.
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
WITH seen AS (
    SELECT url, captured_at, parse_key, max(capture_id) AS capture_id
    FROM raw.capture
    WHERE state = 'loaded' AND parse_key IN (SELECT parse_key FROM answer_row)
    GROUP BY url, captured_at, parse_key
),
numbered AS (
    SELECT
        *,
        parse_key IS DISTINCT FROM lag(parse_key) OVER earlier
        OR core.newest_final_year(captured_at)
            <> core.newest_final_year(lag(captured_at) OVER earlier) AS begins
    FROM seen
    WINDOW earlier AS (PARTITION BY url ORDER BY captured_at, parse_key)
),
islands AS (
    SELECT *, count(*) FILTER (begins) OVER (PARTITION BY url ORDER BY captured_at, parse_key) AS island
    FROM numbered
),
segment AS (
    SELECT
        url,
        parse_key,
        min(captured_at) AS first_at,
        max(captured_at) AS last_at,
        arg_min(capture_id, (captured_at, capture_id)) AS capture_id
    FROM islands
    GROUP BY url, parse_key, island
)
SELECT
    s.*,
    a.read_in_full
    AND a.rows_read >= 0.5 * coalesce(
        lag(a.rows_read) OVER (PARTITION BY s.url ORDER BY s.first_at, s.parse_key), 0
    ) AS read_in_full
FROM segment AS s
JOIN observed.answer AS a USING (parse_key);

-- Find the restatements: a measure of a year that is shown as year-end, after another capture showed
-- another value of it as year-end. Values that are carried forward do not count: nobody saw them.
-- Most measures are shown with one value only, and need no comparison.
-- reads: figure_shown
-- writes: vintage.restatement

INSERT INTO vintage.restatement BY NAME
WITH varied AS (
    SELECT
        programme_id, organization, fiscal_year,
        if(min(COLUMNS('_(usd|pct)$')) <> max(COLUMNS('_(usd|pct)$')), true, NULL)
    FROM figure_shown
    WHERE basis = 'year_end' AND fiscal_year IS NOT NULL
    GROUP BY programme_id, organization, fiscal_year
),
restated AS (
    UNPIVOT varied ON COLUMNS('_(usd|pct)$') INTO NAME measure VALUE is_varied
),
final AS (
    SELECT
        programme_id, organization, fiscal_year, first_at, capture_id,
        COLUMNS('_(usd|pct)$')::DECIMAL(18, 4)
    FROM figure_shown
    SEMI JOIN restated USING (programme_id, organization, fiscal_year)
    WHERE basis = 'year_end'
),
shown AS (
    FROM (UNPIVOT final ON COLUMNS('_(usd|pct)$') INTO NAME measure VALUE new_value)
    SEMI JOIN restated USING (programme_id, organization, fiscal_year, measure)
),
changed AS (
    SELECT *, lag(capture_id) OVER earlier AS capture_id_before
    FROM shown
    WINDOW earlier AS (PARTITION BY programme_id, organization, fiscal_year, measure ORDER BY first_at)
    QUALIFY new_value IS DISTINCT FROM lag(new_value) OVER earlier
)
SELECT
    * EXCLUDE (first_at),
    first_at AS restated_at,
    lag(new_value) OVER earlier AS old_value,
    lag(first_at) OVER earlier AS old_known_from
FROM changed
WINDOW earlier AS (PARTITION BY programme_id, organization, fiscal_year, measure ORDER BY first_at)
QUALIFY old_value IS NOT NULL;

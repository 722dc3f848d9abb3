-- Find the restatements: a measure of a year that is shown as year-end, after another capture showed
-- another value of it as year-end. Values that are carried forward do not count: nobody saw them.
-- reads: changed_subject, figure_shown
-- writes: vintage.restatement

DELETE FROM vintage.restatement WHERE programme_id IN (FROM changed_subject);

INSERT INTO vintage.restatement BY NAME
WITH final AS (
    SELECT
        programme_id, organization, fiscal_year, first_at, capture_id,
        COLUMNS('_(usd|pct)$')::DECIMAL(18, 4)
    FROM figure_shown
    WHERE basis = 'year_end' AND fiscal_year IS NOT NULL
),
shown AS (
    UNPIVOT final ON COLUMNS('_(usd|pct)$') INTO NAME measure VALUE new_value
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

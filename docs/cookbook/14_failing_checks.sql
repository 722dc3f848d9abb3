-- Which checks fail, and how many figures are affected?
-- A failed check removes nothing: it is shown beside the figures, in `failed_checks`.
WITH flagged AS (
    SELECT programme_id, organization, fiscal_year,
        unnest(string_split(failed_checks, ', ')) AS check_name
    FROM mart.expenditure_current
)
SELECT c.check_name, c.subject, c.expected AS should_be, c.actual AS shown, c.tolerance,
    count(f.fiscal_year) AS figures_flagged
FROM meta.check_result AS c
LEFT JOIN flagged AS f USING (programme_id, organization, check_name)
GROUP BY ALL
ORDER BY ALL;

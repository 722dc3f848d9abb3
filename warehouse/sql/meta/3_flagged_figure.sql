-- meta.flagged_figure: Annual figures that a failed check concerns
-- A check of one organization's total concerns all its years, one of a year's total all that year's
-- organizations. A flag removes nothing.
-- failed_checks: Names of the checks that fail
CREATE OR REPLACE VIEW meta.flagged_figure AS
WITH figure AS (
    SELECT DISTINCT programme_id, organization, fiscal_year
    FROM core.expenditure_snapshot
)
SELECT
    f.programme_id,
    f.organization,
    f.fiscal_year,
    array_to_string(list_sort(list(DISTINCT c.check_name)), ', ') AS failed_checks
FROM meta.check_result AS c
JOIN figure AS f
    ON f.programme_id = c.programme_id
    AND meta.concerns(c.organization, c.fiscal_year, f.organization, f.fiscal_year)
WHERE coalesce(c.by_year, true)
GROUP BY f.programme_id, f.organization, f.fiscal_year;

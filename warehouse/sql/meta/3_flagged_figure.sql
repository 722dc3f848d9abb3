-- meta.flagged_figure: Annual figures that a failed check concerns
-- A check of one organization's total concerns all its years, one of a year's total all that year's
-- organizations. A flag removes nothing.
-- failed_checks: Names of the checks that fail
CREATE OR REPLACE VIEW meta.flagged_figure AS
SELECT
    f.programme_id,
    f.organization,
    f.fiscal_year,
    string_agg(DISTINCT c.check_name, ', ' ORDER BY c.check_name) AS failed_checks
FROM meta.check_result AS c
JOIN vintage.figure AS f
    ON f.programme_id = c.programme_id
    AND coalesce(c.organization = f.organization, true)
    AND coalesce(c.fiscal_year = f.fiscal_year, true)
WHERE NOT c.passed AND coalesce(c.by_year, true) AND f.fiscal_year IS NOT NULL
GROUP BY f.programme_id, f.organization, f.fiscal_year;

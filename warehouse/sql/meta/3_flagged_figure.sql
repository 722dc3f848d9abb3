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
    f.*,
    meta.names_of_failed(c.failed, f.organization, f.fiscal_year) AS failed_checks
FROM figure AS f
JOIN meta.failed_checks() AS c ON c.programme_id = f.programme_id
WHERE failed_checks IS NOT NULL;

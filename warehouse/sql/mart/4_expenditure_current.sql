-- mart.expenditure_current: The figure to quote today per programme, organization and year
-- Year-end before interim, then the newest vintage. Rows that the page no longer shows are left out,
-- and so is `(all)` for a year for which organizations are named: no sum counts twice.
-- failed_checks: Names of the checks that fail for it (meta.check_result); NULL where all hold
CREATE OR REPLACE VIEW mart.expenditure_current AS
WITH newest AS (
    FROM mart.expenditure_vintage
    WHERE no_longer_shown_since IS NULL
    QUALIFY rank() OVER (
        PARTITION BY programme_id, organization, fiscal_year
        ORDER BY basis = 'year_end' DESC, known_from DESC
    ) = 1
)
SELECT n.*, f.failed_checks
FROM newest AS n
LEFT JOIN meta.flagged_figure AS f USING (programme_id, organization, fiscal_year)
QUALIFY core.is_finest(n.organization, n.programme_id, n.fiscal_year);

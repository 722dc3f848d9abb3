-- mart.expenditure_current: The figure to quote today per programme, organization and year
-- Year-end before interim, then the newest vintage. Rows that the page no longer shows are left out,
-- and so is `(all)` for a year for which organizations are named: no sum counts twice.
-- failed_checks: Names of the checks that fail for it (meta.check_result); NULL where all hold
CREATE OR REPLACE VIEW mart.expenditure_current AS
WITH newest AS (
    SELECT
        programme_id, organization, fiscal_year,
        max(known_from) FILTER (basis = 'year_end') AS final_from,
        coalesce(final_from, max(known_from)) AS known_from,
        CASE WHEN final_from IS NULL THEN 'interim' ELSE 'year_end' END AS basis
    FROM core.expenditure_snapshot
    WHERE no_longer_shown_since IS NULL
    GROUP BY programme_id, organization, fiscal_year
    QUALIFY core.is_finest(organization, programme_id, fiscal_year)
)
SELECT
    v.*,
    meta.names_of_failed(f.failed, v.organization, v.fiscal_year) AS failed_checks
FROM mart.expenditure_vintage AS v
JOIN newest USING (programme_id, organization, fiscal_year, known_from, basis)
LEFT JOIN meta.failed_checks() AS f ON f.programme_id = v.programme_id;

-- mart.year_end_expenditure: The newest year_end figure per programme, organization and year
-- Rows that the page no longer shows are left out, and so is `(all)` for a year for which
-- organizations are named.
CREATE OR REPLACE VIEW mart.year_end_expenditure AS
WITH newest AS (
    SELECT programme_id, organization, fiscal_year, max(known_from) AS known_from
    FROM core.expenditure_snapshot
    WHERE no_longer_shown_since IS NULL AND basis = 'year_end'
    GROUP BY programme_id, organization, fiscal_year
    QUALIFY core.is_finest(organization, programme_id, fiscal_year)
)
SELECT v.*
FROM mart.expenditure_vintage AS v
JOIN newest USING (programme_id, organization, fiscal_year, known_from)
WHERE v.basis = 'year_end';

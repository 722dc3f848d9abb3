-- mart.year_end_expenditure: The newest year_end figure per programme, organization and year
-- Rows that the page no longer shows are left out, and so is `(all)` for a year for which
-- organizations are named.
CREATE OR REPLACE VIEW mart.year_end_expenditure AS
WITH newest AS (
    FROM mart.expenditure_vintage
    WHERE no_longer_shown_since IS NULL AND basis = 'year_end'
    QUALIFY rank() OVER (
        PARTITION BY programme_id, organization, fiscal_year ORDER BY known_from DESC
    ) = 1
)
FROM newest
QUALIFY core.is_finest(organization, programme_id, fiscal_year);

-- mart.expenditure_current: the figure to quote today per programme, organization and year
-- Year-end before interim, then the newest vintage. Rows that the page no longer shows are left out,
-- and so is `(all)` for a year for which organizations are named: no sum counts twice.
CREATE OR REPLACE VIEW mart.expenditure_current AS
WITH newest AS (
    FROM mart.expenditure_vintage
    WHERE no_longer_shown_since IS NULL
    QUALIFY row_number() OVER (
        PARTITION BY programme_id, organization, fiscal_year
        ORDER BY basis = 'year_end' DESC, known_from DESC
    ) = 1
)
FROM newest
QUALIFY organization <> '(all)'
    OR NOT bool_or(organization <> '(all)') OVER (PARTITION BY programme_id, fiscal_year);

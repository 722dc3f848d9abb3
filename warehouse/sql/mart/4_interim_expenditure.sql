-- mart.interim_expenditure: The figures that are interim now, per programme, organization and year
-- Those whose newest vintage is interim. What was interim once and is year-end now is in
-- mart.figure_history. Rows that the page no longer shows are left out, and so is `(all)` for a year
-- for which organizations are named.
CREATE OR REPLACE VIEW mart.interim_expenditure AS
WITH newest AS (
    FROM mart.expenditure_vintage
    WHERE no_longer_shown_since IS NULL
    QUALIFY rank() OVER (
        PARTITION BY programme_id, organization, fiscal_year ORDER BY known_from DESC
    ) = 1
),
finest AS (
    FROM newest
    QUALIFY core.is_finest(organization, programme_id, fiscal_year)
)
FROM finest
WHERE basis = 'interim';

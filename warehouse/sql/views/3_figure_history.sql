-- mart.figure_history: every vintage of every annual figure, in order, with what changed
-- `(all)` is there only for years for which no organization was ever named.
-- vintage_no: place among the figure's vintages, from 1, the oldest first
-- known_to [UTC]: when the next vintage began; NULL for the newest
-- change_usd [US$]: expenditure less that of the vintage before; NULL where either is unknown
-- change: first seen, became final, became interim again, restated, interim changed, other measure
CREATE OR REPLACE VIEW mart.figure_history AS
WITH numbered AS (
    SELECT
        *,
        row_number() OVER earlier AS vintage_no,
        lead(known_from) OVER earlier AS known_to,
        expenditure_usd - lag(expenditure_usd) OVER earlier AS change_usd,
        lag(basis) OVER earlier AS basis_before,
        lag(expenditure_usd) OVER earlier AS expenditure_before
    FROM mart.expenditure_vintage
    WINDOW earlier AS (
        PARTITION BY programme_id, organization, fiscal_year ORDER BY known_from
    )
)
SELECT
    * EXCLUDE (basis_before, expenditure_before),
    CASE
        WHEN vintage_no = 1 THEN 'first seen'
        WHEN basis <> basis_before
            THEN if(basis = 'year_end', 'became final', 'became interim again')
        WHEN expenditure_usd IS DISTINCT FROM expenditure_before
            THEN if(basis = 'year_end', 'restated', 'interim changed')
        ELSE 'other measure'
    END AS change
FROM numbered
QUALIFY organization <> '(all)'
    OR NOT bool_or(organization <> '(all)') OVER (PARTITION BY programme_id, fiscal_year);

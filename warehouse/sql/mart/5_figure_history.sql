-- mart.figure_history: Every vintage of every annual figure, in order, with what changed
-- `(all)` is there only for years for which no organization was ever named.
-- vintage_no: Place among the figure's vintages, from 1, the oldest first
-- known_to [UTC]: When the next vintage began; NULL for the newest
-- change_usd [US$]: Expenditure less that of the vintage before; NULL if either is unknown
-- change: `first seen`, `became final`, `became interim again`, `first expenditure`, `restated` (as in
-- mart.restatement), `read otherwise` (by another parser version), `interim changed`, `other measure`
CREATE OR REPLACE VIEW mart.figure_history AS
WITH numbered AS (
    SELECT
        *,
        rank() OVER earlier AS vintage_no,
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
    n.* EXCLUDE (basis_before, expenditure_before),
    CASE
        WHEN vintage_no = 1 THEN 'first seen'
        WHEN r.restated_at IS NOT NULL THEN 'restated'
        WHEN n.basis <> basis_before
            THEN if(n.basis = 'year_end', 'became final', 'became interim again')
        WHEN expenditure_usd IS NOT DISTINCT FROM expenditure_before THEN 'other measure'
        WHEN expenditure_before IS NULL THEN 'first expenditure'
        ELSE if(n.basis = 'year_end', 'read otherwise', 'interim changed')
    END AS change
FROM numbered AS n
LEFT JOIN (FROM mart.restatement WHERE measure = 'expenditure_usd') AS r
    ON r.programme_id = n.programme_id
    AND r.organization = n.organization
    AND r.fiscal_year = n.fiscal_year
    AND r.restated_at = n.known_from
QUALIFY core.is_finest(n.organization, n.programme_id, n.fiscal_year);

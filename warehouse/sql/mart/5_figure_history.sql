-- mart.figure_history: Every vintage of every annual figure, in order, with what changed
-- `(all)` is there only for years for which no organization was ever named.
-- vintage_no: Place among the figure's vintages, from 1, the oldest first
-- known_to [UTC]: When the next vintage began; NULL for the newest
-- change_usd [US$]: Expenditure less that of the vintage before; NULL if either is unknown
-- change: `first seen`, `became final`, `became interim again`, `first expenditure`, `restated` (as in
-- mart.restatement), `read otherwise` (by another parser version), `interim changed`, `other measure`
-- source_url: URL of the page that first showed this vintage
CREATE OR REPLACE VIEW mart.figure_history AS
WITH numbered AS (
    SELECT
        v.*,
        rank() OVER earlier AS vintage_no,
        lead(v.known_from) OVER earlier AS known_to,
        v.expenditure_usd - lag(v.expenditure_usd) OVER earlier AS change_usd,
        lag(v.basis) OVER earlier AS basis_before,
        lag(v.expenditure_usd) OVER earlier AS expenditure_before
    FROM core.expenditure_snapshot AS v
    LEFT JOIN vintage.replaced_totals() AS t
        ON t.programme_id = v.programme_id
        AND t.organization = v.organization
        AND t.fiscal_year = v.fiscal_year
    WHERE t.organization IS NULL
    WINDOW earlier AS (
        PARTITION BY v.programme_id, v.organization, v.fiscal_year ORDER BY v.known_from
    )
)
SELECT
    n.programme_id,
    p.title,
    p.fund_code,
    p.fund_name,
    p.country,
    p.country_code,
    p.status,
    n.* EXCLUDE (
        programme_id, vintage_no, known_to, change_usd, basis_before, expenditure_before
    ),
    'USD' AS currency,
    c.url AS source_url,
    c.captured_at,
    n.vintage_no,
    n.known_to,
    n.change_usd,
    CASE
        WHEN n.vintage_no = 1 THEN 'first seen'
        WHEN r.restated_at IS NOT NULL THEN 'restated'
        WHEN n.basis <> n.basis_before
            THEN CASE WHEN n.basis = 'year_end' THEN 'became final' ELSE 'became interim again' END
        WHEN n.expenditure_usd IS NOT DISTINCT FROM n.expenditure_before THEN 'other measure'
        WHEN n.expenditure_before IS NULL THEN 'first expenditure'
        ELSE CASE WHEN n.basis = 'year_end' THEN 'read otherwise' ELSE 'interim changed' END
    END AS change
FROM numbered AS n
LEFT JOIN mart.programme_current AS p ON p.programme_id = n.programme_id
LEFT JOIN (FROM mart.restatement WHERE measure = 'expenditure_usd') AS r
    ON r.programme_id = n.programme_id
    AND r.organization = n.organization
    AND r.fiscal_year = n.fiscal_year
    AND r.restated_at = n.known_from
JOIN raw.capture AS c ON c.capture_id = n.capture_id;

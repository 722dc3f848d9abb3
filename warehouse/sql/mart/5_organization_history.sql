-- mart.organization_history: Every vintage of an organization's figures in the API
-- vintage_no: Number of the vintage, from 1
-- known_to [UTC]: When the next vintage was first shown; NULL for the newest
-- expenditure_change_usd [US$]: Expenditure less that of the vintage before
-- is_restatement: Whether the expenditure differs from the year-end one before
-- source_url: URL of the capture that first showed it
-- captured_at [UTC]: When that was
-- currency: Currency of every amount in the row
CREATE OR REPLACE VIEW mart.organization_history AS
SELECT
    o.*,
    rank() OVER earlier AS vintage_no,
    lead(o.known_from) OVER earlier AS known_to,
    o.expenditure_usd - lag(o.expenditure_usd) OVER earlier AS expenditure_change_usd,
    coalesce(
        o.basis = 'year_end'
        AND lag(o.basis) OVER earlier = 'year_end'
        AND o.expenditure_usd <> lag(o.expenditure_usd) OVER earlier,
        false
    ) AS is_restatement,
    c.url AS source_url,
    c.captured_at,
    'USD' AS currency
FROM core.organization_snapshot AS o
JOIN raw.capture AS c USING (capture_id)
WINDOW earlier AS (
    PARTITION BY o.agency_code, o.organization, o.fiscal_year ORDER BY o.known_from
);

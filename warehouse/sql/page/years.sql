-- All programmes together, year by year: the figures to quote today, how much is interim, and what the
-- sums leave out.
SELECT
    fiscal_year,
    count(DISTINCT programme_id) AS programmes,
    sum(net_funded_usd) AS net_funded_usd,
    sum(transfers_usd) AS transfers_usd,
    sum(expenditure_usd) AS expenditure_usd,
    sum(expenditure_usd) FILTER (basis = 'year_end') AS year_end_usd,
    sum(expenditure_usd) FILTER (basis = 'interim') AS interim_usd,
    if(min(basis) <> max(basis), 'mixed', min(basis)) AS basis,
    (100.0 * count(*) FILTER (basis = 'interim') / nullif(count(basis), 0))::DECIMAL(5, 1)
        AS interim_figures_pct,
    core.not_covered(left_out_id, reason) AS not_covered
FROM (
    FROM mart.expenditure_current
    UNION ALL BY NAME
    SELECT fiscal_year, programme_id AS left_out_id, reason FROM mart.not_covered_year
)
GROUP BY fiscal_year
ORDER BY fiscal_year DESC;

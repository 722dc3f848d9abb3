-- All programmes together, year by year: the figures to quote today, and how much is interim.
SELECT
    fiscal_year,
    count(DISTINCT programme_id) AS programmes,
    sum(net_funded_usd) AS net_funded_usd,
    sum(transfers_usd) AS transfers_usd,
    sum(expenditure_usd) AS expenditure_usd,
    sum(expenditure_usd) FILTER (basis = 'year_end') AS year_end_usd,
    sum(expenditure_usd) FILTER (basis = 'interim') AS interim_usd,
    if(min(basis) <> max(basis), 'mixed', min(basis)) AS basis,
    (100.0 * count(*) FILTER (basis = 'interim') / count(*))::DECIMAL(5, 1) AS interim_figures_pct
FROM mart.expenditure_current
GROUP BY fiscal_year
ORDER BY fiscal_year DESC;

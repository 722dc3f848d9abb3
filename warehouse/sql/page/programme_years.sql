-- The programme year by year, its organizations together: the figures to quote today.
SELECT
    programme_id,
    fiscal_year,
    count(*) AS organizations,
    sum(net_funded_usd) AS net_funded_usd,
    sum(transfers_usd) AS transfers_usd,
    sum(expenditure_usd) AS expenditure_usd,
    sum(expenditure_usd) FILTER (basis = 'year_end') AS year_end_usd,
    sum(expenditure_usd) FILTER (basis = 'interim') AS interim_usd,
    if(min(basis) <> max(basis), 'mixed', min(basis)) AS basis
FROM mart.expenditure_current
WHERE programme_id BETWEEN $first AND $last
GROUP BY ALL
ORDER BY programme_id, fiscal_year DESC;

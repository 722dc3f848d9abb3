-- All years as they were known at the end of a day: sums of the figures that were shown then.
SELECT
    fiscal_year,
    count(*) AS figures,
    sum(net_funded_usd) AS net_funded_usd,
    sum(transfers_usd) AS transfers_usd,
    sum(expenditure_usd) FILTER (basis = 'year_end') AS year_end_usd,
    sum(expenditure_usd) FILTER (basis = 'interim') AS interim_usd,
    sum(expenditure_usd) AS expenditure_usd,
    if(min(basis) <> max(basis), 'mixed', min(basis)) AS basis
FROM mart.as_of(DATE '2016-06-15')
GROUP BY fiscal_year
ORDER BY fiscal_year DESC;

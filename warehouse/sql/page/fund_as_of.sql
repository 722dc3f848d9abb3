-- A fund's years as they were known at the end of a day: sums of the figures that were shown then.
SELECT
    coalesce(fund_code, 'none') AS fund_code,
    fiscal_year,
    count(*) AS figures,
    sum(net_funded_usd) AS net_funded_usd,
    sum(transfers_usd) AS transfers_usd,
    sum(expenditure_usd) FILTER (basis = 'year_end') AS year_end_usd,
    sum(expenditure_usd) FILTER (basis = 'interim') AS interim_usd,
    sum(expenditure_usd) AS expenditure_usd,
    if(min(basis) <> max(basis), 'mixed', min(basis)) AS basis
FROM mart.figure_span
WHERE coalesce(fund_code, 'none') BETWEEN $first AND $last
    AND shown_from::DATE <= DATE '2016-06-15'
    AND (shown_until IS NULL OR shown_until::DATE > DATE '2016-06-15')
GROUP BY ALL
ORDER BY fund_code, fiscal_year DESC;

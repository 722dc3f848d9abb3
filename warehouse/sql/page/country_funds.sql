-- The funds of the country's programmes, with their figures to quote today, over all years.
SELECT
    core.country_key(p.country_code, p.country_name) AS country_key,
    coalesce(e.fund_code, 'none') AS fund_code,
    max(e.fund_name) AS fund_name,
    count(DISTINCT e.programme_id) AS programmes,
    min(e.fiscal_year) AS first_year,
    max(e.fiscal_year) AS last_year,
    sum(e.transfers_usd) AS transfers_usd,
    sum(e.expenditure_usd) AS expenditure_usd,
    sum(e.expenditure_usd) FILTER (e.basis = 'interim') AS interim_usd,
    if(min(e.basis) <> max(e.basis), 'mixed', min(e.basis)) AS basis
FROM mart.expenditure_current AS e
LEFT JOIN mart.programme_current AS p USING (programme_id)
WHERE country_key BETWEEN $first AND $last
GROUP BY country_key, coalesce(e.fund_code, 'none')
ORDER BY country_key, expenditure_usd DESC NULLS LAST, fund_code;

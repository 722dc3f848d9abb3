-- The country's programmes, with their figures to quote today, over all years.
SELECT
    core.country_key(max(p.country_code), max(p.country_name)) AS country_key,
    k.programme_id,
    max(p.title) AS title,
    coalesce(max(p.fund_code), 'none') AS fund_code,
    max(p.status) AS status,
    min(e.fiscal_year) AS first_year,
    max(e.fiscal_year) AS last_year,
    sum(e.transfers_usd) AS transfers_usd,
    sum(e.expenditure_usd) AS expenditure_usd,
    sum(e.expenditure_usd) FILTER (e.basis = 'interim') AS interim_usd,
    if(min(e.basis) <> max(e.basis), 'mixed', min(e.basis)) AS basis
FROM mart.programme_known AS k
LEFT JOIN mart.programme_current AS p USING (programme_id)
LEFT JOIN mart.expenditure_current AS e USING (programme_id)
GROUP BY k.programme_id
HAVING country_key BETWEEN $first AND $last
ORDER BY country_key, k.programme_id;

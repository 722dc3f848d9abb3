-- The countries of the organization's programmes, with its figures in them to quote today, over all years.
SELECT
    e.organization,
    core.country_key(p.country_code, p.country_name) AS country_key,
    max(p.country_name) AS country,
    count(DISTINCT e.programme_id) AS programmes,
    min(e.fiscal_year) AS first_year,
    max(e.fiscal_year) AS last_year,
    sum(e.transfers_usd) AS transfers_usd,
    sum(e.expenditure_usd) AS expenditure_usd,
    sum(e.expenditure_usd) FILTER (e.basis = 'interim') AS interim_usd,
    if(min(e.basis) <> max(e.basis), 'mixed', min(e.basis)) AS basis
FROM mart.expenditure_current AS e
LEFT JOIN mart.programme_current AS p USING (programme_id)
WHERE e.organization BETWEEN $first AND $last
GROUP BY e.organization, country_key
ORDER BY e.organization, expenditure_usd DESC NULLS LAST, country_key;

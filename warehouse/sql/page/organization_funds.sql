-- The funds of the organization's programmes, with its figures in them to quote today, over all years.
SELECT
    e.organization,
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
WHERE e.organization BETWEEN $first AND $last
GROUP BY e.organization, coalesce(e.fund_code, 'none')
ORDER BY e.organization, expenditure_usd DESC NULLS LAST, fund_code;

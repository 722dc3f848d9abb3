-- The organization's programmes, with its figures in them to quote today, over all years.
WITH part AS (
    SELECT organization, programme_id FROM vintage.figure
    UNION
    SELECT organization, programme_id FROM vintage.voucher
)
SELECT
    organization,
    programme_id,
    max(p.title) AS title,
    coalesce(max(p.fund_code), 'none') AS fund_code,
    max(p.country) AS country,
    core.country_key(max(p.country_code), max(p.country_name)) AS country_key,
    max(p.status) AS status,
    min(e.fiscal_year) AS first_year,
    max(e.fiscal_year) AS last_year,
    sum(e.transfers_usd) AS transfers_usd,
    sum(e.expenditure_usd) AS expenditure_usd,
    sum(e.expenditure_usd) FILTER (e.basis = 'interim') AS interim_usd,
    if(min(e.basis) <> max(e.basis), 'mixed', min(e.basis)) AS basis
FROM part
LEFT JOIN mart.programme_current AS p USING (programme_id)
LEFT JOIN mart.expenditure_current AS e USING (organization, programme_id)
WHERE organization BETWEEN $first AND $last
GROUP BY organization, programme_id
ORDER BY organization, programme_id;

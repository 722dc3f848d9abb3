-- The fund's programmes, with their figures to quote today, over all years.
SELECT
    coalesce(p.fund_code, 'none') AS fund_code,
    p.programme_id,
    p.title,
    p.country,
    p.status,
    sum(e.transfers_usd)::DECIMAL(18, 2) AS transfers_usd,
    sum(e.expenditure_usd)::DECIMAL(18, 2) AS expenditure_usd,
    if(min(e.basis) <> max(e.basis), 'mixed', min(e.basis)) AS basis
FROM mart.programme_current AS p
LEFT JOIN mart.expenditure_current AS e USING (programme_id)
WHERE coalesce(p.fund_code, 'none') BETWEEN $first AND $last
GROUP BY ALL
ORDER BY fund_code, p.programme_id;

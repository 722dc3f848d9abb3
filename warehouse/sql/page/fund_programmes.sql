-- The fund's programmes, with their figures to quote today, over all years.
WITH figure AS (
    SELECT
        programme_id,
        sum(transfers_usd) AS transfers_usd,
        sum(expenditure_usd) AS expenditure_usd,
        if(min(basis) <> max(basis), 'mixed', min(basis)) AS basis
    FROM mart.expenditure_current
    GROUP BY programme_id
)
SELECT
    coalesce(p.fund_code, 'none') AS fund_code,
    k.programme_id,
    p.title,
    p.country,
    core.country_key(p.country_code, p.country_name) AS country_key,
    p.status,
    f.transfers_usd,
    f.expenditure_usd,
    f.basis
FROM mart.programme_known AS k
LEFT JOIN mart.programme_current AS p ON p.programme_id = k.programme_id
LEFT JOIN figure AS f ON f.programme_id = k.programme_id
WHERE coalesce(p.fund_code, 'none') BETWEEN $first AND $last
ORDER BY fund_code, k.programme_id;

-- Each country, year by year: the figures to quote today of its programmes.
WITH figure AS (
    SELECT
        p.country_code,
        p.country_name AS country,
        e.fiscal_year,
        if(min(e.basis) <> max(e.basis), 'mixed', min(e.basis)) AS basis
    FROM mart.expenditure_current AS e
    LEFT JOIN mart.programme_current AS p USING (programme_id)
    GROUP BY ALL
)
SELECT
    core.country_key(c.country_code, c.country) AS country_key,
    c.country,
    c.country_code,
    c.fiscal_year,
    c.programmes,
    c.transfers_usd,
    c.net_funded_usd,
    c.year_end_usd,
    c.interim_usd,
    c.expenditure_usd,
    c.interim_share_pct,
    c.delivery_rate_pct,
    c.not_covered,
    f.basis
FROM mart.country_year AS c
LEFT JOIN figure AS f
    ON
        f.country IS NOT DISTINCT FROM c.country
        AND f.country_code IS NOT DISTINCT FROM c.country_code
        AND f.fiscal_year = c.fiscal_year
WHERE country_key BETWEEN $first AND $last
ORDER BY c.country NULLS LAST, c.country_code, c.fiscal_year DESC;

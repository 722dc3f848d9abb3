-- Each country over all years: its programmes, their figures to quote today, and what the sums leave out.
WITH programme AS (
    SELECT
        core.country_key(p.country_code, p.country_name) AS country_key,
        max(p.country_code) AS country_code,
        max(p.country_name) AS country,
        count(*) AS programmes,
        count(DISTINCT p.fund_code) AS funds
    FROM mart.programme_known
    LEFT JOIN mart.programme_current AS p USING (programme_id)
    GROUP BY ALL
),
figure AS (
    SELECT
        core.country_key(p.country_code, p.country_name) AS country_key,
        min(e.fiscal_year) AS first_year,
        max(e.fiscal_year) AS last_year,
        sum(e.transfers_usd) AS transfers_usd,
        sum(e.net_funded_usd) AS net_funded_usd,
        sum(e.expenditure_usd) AS expenditure_usd,
        sum(e.expenditure_usd) FILTER (e.basis = 'interim') AS interim_usd,
        core.rate_of_sums(e.expenditure_usd, e.net_funded_usd) AS delivery_rate_pct,
        if(min(e.basis) <> max(e.basis), 'mixed', min(e.basis)) AS basis
    FROM mart.expenditure_current AS e
    LEFT JOIN mart.programme_current AS p USING (programme_id)
    GROUP BY ALL
),
left_out AS (
    SELECT
        core.country_key(country_code, country_name) AS country_key,
        core.not_covered(programme_id, reason) AS not_covered
    FROM mart.not_covered
    GROUP BY ALL
)
SELECT
    country_key,
    programme.country,
    programme.country_code,
    programme.programmes,
    programme.funds,
    figure.first_year,
    figure.last_year,
    figure.transfers_usd,
    figure.net_funded_usd,
    figure.expenditure_usd,
    figure.interim_usd,
    figure.delivery_rate_pct,
    left_out.not_covered,
    figure.basis
FROM programme
LEFT JOIN figure USING (country_key)
LEFT JOIN left_out USING (country_key)
WHERE country_key BETWEEN $first AND $last
ORDER BY programme.country NULLS LAST, programme.country_code;

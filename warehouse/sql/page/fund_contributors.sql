-- Who gave to the fund, over all years.
SELECT
    fund_code,
    contributor,
    sum(commitments_usd) AS commitments_usd,
    sum(deposits_usd) AS deposits_usd,
    min(fiscal_year) AS first_year,
    max(fiscal_year) AS last_year
FROM mart.contribution_current
WHERE fund_code BETWEEN $first AND $last
GROUP BY fund_code, contributor
ORDER BY fund_code, deposits_usd DESC NULLS LAST, contributor;

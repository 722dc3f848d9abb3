-- The funds to which the contributor gave, over all years.
SELECT
    contributor,
    fund_code,
    any_value(fund_name) AS fund_name,
    sum(commitments_usd) AS commitments_usd,
    sum(deposits_usd) AS deposits_usd,
    min(fiscal_year) AS first_year,
    max(fiscal_year) AS last_year
FROM mart.contribution_current
WHERE contributor BETWEEN $first AND $last
GROUP BY contributor, fund_code
ORDER BY contributor, deposits_usd DESC NULLS LAST, fund_code;

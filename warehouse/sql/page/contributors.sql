-- Each contributor: what it committed and deposited, over all funds and years.
SELECT
    contributor,
    count(DISTINCT fund_code) FILTER (fund_code <> '(all)') AS funds,
    sum(commitments_usd) AS commitments_usd,
    sum(deposits_usd) AS deposits_usd,
    min(fiscal_year) AS first_year,
    max(fiscal_year) AS last_year
FROM mart.contribution_current
WHERE contributor BETWEEN $first AND $last
GROUP BY contributor
ORDER BY deposits_usd DESC NULLS LAST, contributor;

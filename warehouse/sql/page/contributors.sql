-- Each contributor: what it committed and deposited, over all funds and years.
WITH known AS (
    SELECT contributor FROM mart.contributor_fund
    UNION
    SELECT contributor FROM mart.contributor_year
)
SELECT
    contributor,
    any_value(contributor_fund_code) AS contributor_fund_code,
    count(fund_code) FILTER (fund_code <> '(all)') AS funds,
    sum(commitments_usd) AS commitments_usd,
    sum(deposits_usd) AS deposits_usd,
    core.rate_pct(
        sum(deposits_usd) FILTER (commitments_usd IS NOT NULL),
        sum(commitments_usd) FILTER (deposits_usd IS NOT NULL)
    ) AS deposit_rate_pct,
    min(first_year) AS first_year,
    max(last_year) AS last_year
FROM known
LEFT JOIN mart.contributor_fund USING (contributor)
WHERE contributor BETWEEN $first AND $last
GROUP BY contributor
ORDER BY deposits_usd DESC NULLS LAST, contributor;

-- Each contributor: what it committed and deposited, over all funds and years that are known, and what
-- lists of contributors show more.
SELECT
    contributor,
    any_value(contributor_fund_code) AS contributor_fund_code,
    count(*) FILTER (fund_code <> '(all)') AS funds,
    sum(commitments_usd) AS commitments_usd,
    sum(deposits_usd) AS deposits_usd,
    core.rate_of_sums(deposits_usd, commitments_usd) AS deposit_rate_pct,
    min(first_year) AS first_year,
    max(last_year) AS last_year,
    any_value(not_covered) AS not_covered
FROM (SELECT contributor FROM mart.contributor_fund UNION SELECT contributor FROM mart.contributor_year)
LEFT JOIN mart.contributor_fund USING (contributor)
WHERE contributor BETWEEN $first AND $last
GROUP BY contributor
ORDER BY deposits_usd DESC NULLS LAST, contributor;

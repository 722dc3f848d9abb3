-- The funds to which the contributor gave, over all years.
SELECT
    contributor,
    fund_code,
    fund_name,
    commitments_usd,
    deposits_usd,
    deposit_rate_pct,
    first_year,
    last_year,
    counted,
    known_from,
    source_url
FROM mart.contributor_fund
WHERE contributor BETWEEN $first AND $last
ORDER BY contributor, deposits_usd DESC NULLS LAST, fund_code;

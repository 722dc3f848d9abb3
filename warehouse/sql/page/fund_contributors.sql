-- Who gave to the fund, over all years.
SELECT
    fund_code,
    contributor,
    commitments_usd,
    deposits_usd,
    deposit_rate_pct,
    first_year,
    last_year,
    counted,
    known_from,
    source_url
FROM mart.contributor_fund
WHERE fund_code BETWEEN $first AND $last
ORDER BY fund_code, deposits_usd DESC NULLS LAST, contributor;

-- What the contributor gave to all funds together, year by year.
SELECT
    contributor,
    fiscal_year,
    funds,
    commitments_usd,
    deposits_usd,
    deposit_rate_pct,
    not_covered
FROM mart.contributor_year
WHERE contributor BETWEEN $first AND $last
ORDER BY contributor, fiscal_year DESC;

-- How much was spent in each country in a year?
-- A programme's country is printed text; `country_code` is its ISO 3166-1 code. What is no country has no code.
SELECT country_code, country, programmes, transfers_usd, expenditure_usd, delivery_rate_pct,
    interim_share_pct, not_covered
FROM mart.country_year
WHERE fiscal_year = 2015
ORDER BY expenditure_usd DESC NULLS LAST;

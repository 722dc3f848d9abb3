-- What did each fund spend in a year, and how much of that is provisional?
-- Quote `interim_share_pct` with every total.
SELECT fund_code, fiscal_year, programmes, transfers_usd, expenditure_usd, interim_share_pct
FROM mart.fund_year
WHERE fiscal_year >= 2014
ORDER BY fund_code, fiscal_year;

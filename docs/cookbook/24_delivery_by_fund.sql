-- How much of its money has each fund delivered?
-- The rate of a year compares the figures that show both amounts. Money of one year may be spent in the next, so a
-- rate can exceed 100; `programmes_not_covered` counts programmes that the sums leave out.
SELECT fund_code, fund_name, fiscal_year, net_funded_usd, expenditure_usd, delivery_rate_pct,
    interim_share_pct, programmes_not_covered
FROM mart.fund_year
WHERE fiscal_year BETWEEN 2013 AND 2015
ORDER BY fund_code, fiscal_year;

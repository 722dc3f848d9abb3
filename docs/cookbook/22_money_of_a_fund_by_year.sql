-- What came into a fund each year, and what went out?
-- The balance is deposits less net funded amounts up to the year, and NULL unless both are known for all these
-- years; `balance_not_known_because` says what is missing. It is not the balance of the fund's statement.
SELECT fiscal_year, deposits_usd, transfers_usd, refunds_usd, expenditure_usd, interim_share_pct,
    balance_usd, balance_not_known_because, programmes_not_covered
FROM mart.money_flow
WHERE fund_code = 'RGT0Y'
ORDER BY fiscal_year;

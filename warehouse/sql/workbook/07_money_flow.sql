SELECT * FROM mart.money_flow ORDER BY fund_code, fund_name, fiscal_year

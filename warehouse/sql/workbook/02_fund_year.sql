SELECT * FROM mart.fund_year ORDER BY fund_code, fund_name, fiscal_year

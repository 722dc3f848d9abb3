SELECT * FROM mart.fund_year ORDER BY fund_code, fiscal_year

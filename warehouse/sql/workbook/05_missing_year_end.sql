SELECT * FROM mart.missing_year_end ORDER BY programme_id, organization, fiscal_year

SELECT * FROM mart.interim_vs_year_end ORDER BY programme_id, organization, fiscal_year

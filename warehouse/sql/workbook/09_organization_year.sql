SELECT * FROM mart.organization_year ORDER BY organization, fiscal_year

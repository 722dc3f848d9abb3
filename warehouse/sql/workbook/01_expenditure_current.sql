SELECT * EXCLUDE (capture_id, captured_at) FROM mart.expenditure_current
ORDER BY programme_id, organization, fiscal_year

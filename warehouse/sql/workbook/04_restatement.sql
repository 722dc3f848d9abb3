SELECT * EXCLUDE (capture_id) FROM mart.restatement
ORDER BY programme_id, organization, fiscal_year, measure, restated_at

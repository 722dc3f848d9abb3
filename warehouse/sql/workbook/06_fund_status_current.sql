SELECT * EXCLUDE (capture_id) FROM mart.fund_status_current ORDER BY fund_code, seq

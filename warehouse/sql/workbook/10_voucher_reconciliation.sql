SELECT * EXCLUDE (capture_id, captured_at) FROM mart.voucher_reconciliation
ORDER BY programme_id, organization

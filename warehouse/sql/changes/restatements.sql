-- Year-end figures that changed in some runs, the largest changes first.
SELECT r.programme_id, r.organization, r.fiscal_year, r.measure, r.old_value, r.new_value
FROM mart.restatement AS r
SEMI JOIN run_capture USING (capture_id)
WHERE r.restated_at BETWEEN getvariable('runs_from') AND getvariable('runs_until')
ORDER BY abs(r.change) DESC, r.programme_id, r.organization, r.fiscal_year, r.measure;

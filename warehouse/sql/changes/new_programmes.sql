-- Programmes whose first page was captured by some runs.
SELECT p.programme_id, p.title, p.fund_code
FROM mart.programme_current AS p
SEMI JOIN (FROM raw.capture SEMI JOIN run_capture USING (capture_id)) AS c USING (programme_id)
ANTI JOIN (FROM raw.capture ANTI JOIN run_capture USING (capture_id)) AS o USING (programme_id)
ORDER BY p.programme_id;

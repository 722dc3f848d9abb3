-- Programmes whose status changed in some runs.
SELECT programme_id, title, status_before, status
FROM (
    SELECT
        *,
        lag(status) OVER (PARTITION BY programme_id ORDER BY known_from) AS status_before
    FROM core.programme
)
SEMI JOIN run_capture USING (capture_id)
WHERE status_before <> status
ORDER BY programme_id;

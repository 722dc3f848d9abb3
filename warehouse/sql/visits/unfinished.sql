-- The last run of the same command before this one, where it did not come to its end: the run that
-- began its work, and when.
WITH newest AS (
    SELECT run_id, resumes, outcome
    FROM meta.run
    WHERE run_id <> $run_id
        AND command = (SELECT command FROM meta.run WHERE run_id = $run_id)
    QUALIFY row_number() OVER (ORDER BY started_at DESC, run_id DESC) = 1
)
SELECT began.run_id, began.started_at
FROM newest
JOIN meta.run AS began ON began.run_id = coalesce(newest.resumes, newest.run_id)
WHERE newest.outcome IN ('running', 'interrupted', 'failed')

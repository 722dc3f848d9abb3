-- The last run of the same command before this one, if it was cut short: the run that began its work,
-- and when. Runs with a future start are ignored: a run with a future timestamp would be resumed every
-- night until that date.
WITH this AS (
    SELECT command, started_at
    FROM meta.run
    WHERE run_id = $run_id
),

newest AS (
    SELECT run_id, resumes, outcome
    FROM meta.run
    WHERE run_id <> $run_id
        AND command = (SELECT command FROM this)
        AND started_at <= (SELECT started_at FROM this)
    QUALIFY rank() OVER (ORDER BY started_at DESC, run_id DESC) = 1
)
SELECT began.run_id, began.started_at
FROM newest
JOIN meta.run AS began ON began.run_id = coalesce(newest.resumes, newest.run_id)
WHERE newest.outcome IN ('running', 'interrupted', 'failed')

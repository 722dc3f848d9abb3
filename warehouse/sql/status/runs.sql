-- The last runs, newest first.
SELECT run_id, command, started_at, ended_at, outcome, captures, loaded, unchanged, quarantined,
    failed, rows_quarantined
FROM meta.run
ORDER BY started_at DESC, run_id DESC
LIMIT 5

-- The last run of each command, newest first.
SELECT split_part(command, ' ', 1) AS kind, *
FROM (FROM meta.run)
QUALIFY rank() OVER (PARTITION BY kind ORDER BY started_at DESC, run_id DESC) = 1
ORDER BY started_at DESC, run_id DESC

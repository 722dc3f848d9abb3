-- The last run of each command, newest first.
SELECT split_part(command, ' ', 1) AS kind, *
FROM (FROM meta.run)
QUALIFY row_number() OVER (PARTITION BY split_part(command, ' ', 1) ORDER BY started_at DESC, run_id DESC) = 1
ORDER BY started_at DESC, run_id DESC

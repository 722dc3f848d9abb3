-- The captures that were forgotten or erased and have not been restored since, by the run that did it.
SELECT run_id, action, max(ordered_at) AS ordered_at, count(*) AS captures
FROM raw.forget_order
WHERE action <> 'restore'
GROUP BY run_id, action
ORDER BY ordered_at DESC, run_id;

-- What failed in the last sync, and had not failed in the one a while before it: the newest sync that
-- began before a time. That one's reasons for being incomplete are returned too.
WITH last_sync AS (
    SELECT run_id FROM meta.run
    WHERE command = 'sync' OR starts_with(command, 'sync ')
    QUALIFY rank() OVER (ORDER BY started_at DESC, run_id DESC) = 1
),
before AS (
    SELECT run_id, incomplete_because FROM meta.run
    WHERE (command = 'sync' OR starts_with(command, 'sync '))
        AND started_at < getvariable('since')
        AND outcome IN ('done', 'incomplete')
    QUALIFY rank() OVER (ORDER BY started_at DESC, run_id DESC) = 1
),
known AS (
    SELECT f.subject, f.kind FROM meta.failure AS f SEMI JOIN before USING (run_id)
)
SELECT
    (
        SELECT count(*)
        FROM meta.failure AS f
        SEMI JOIN last_sync USING (run_id)
        ANTI JOIN known USING (subject, kind)
    ) AS failures,
    (SELECT incomplete_because FROM before) AS incomplete_before;

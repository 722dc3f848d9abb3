-- The last runs, newest first. `finished_by` is the run that did the work of one that was cut short:
-- the first later run of the same command that ended; `finished_at` is when it began.
WITH finished AS (
    SELECT
        cut.run_id,
        min_by(later.run_id, (later.started_at, later.run_id)) AS finished_by,
        min(later.started_at) AS finished_at
    FROM meta.run AS cut
    JOIN meta.run AS later
        ON later.command = cut.command
        AND (later.started_at, later.run_id) > (cut.started_at, cut.run_id)
    WHERE cut.outcome IN ('running', 'interrupted', 'failed')
        AND later.outcome IN ('done', 'incomplete')
    GROUP BY cut.run_id
)
SELECT
    r.run_id, r.command, r.started_at, r.ended_at, r.outcome, r.captures, r.loaded, r.unchanged,
    r.quarantined, r.failed, r.rows_quarantined, r.resumes, r.incomplete_because,
    r.programmes_due, r.programmes_visited, r.programmes_left,
    f.finished_by, f.finished_at
FROM meta.run AS r
LEFT JOIN finished AS f USING (run_id)
ORDER BY r.started_at DESC, r.run_id DESC
LIMIT 5

-- How many captures the attached older file has, and how long the last whole rebuild took for each
SELECT
    (SELECT count(*) FROM old.raw.capture) AS captures,
    (
        SELECT arg_max(epoch(ended_at - started_at) / captures, started_at)
        FROM old.meta.run
        WHERE command IN ('rebuild', 'rebuild --reread')
            AND outcome IN ('done', 'incomplete')
            AND resumes IS NULL
            AND captures > 0
    ) AS seconds_a_capture;

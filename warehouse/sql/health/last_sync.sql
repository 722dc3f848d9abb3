-- When the newest sync of the whole site ended, done or incomplete. A sync of named programmes does not
-- count: the others are still to be seen.
SELECT max(ended_at) AS ended_at
FROM meta.run
WHERE (command = 'sync' OR starts_with(command, 'sync '))
    AND NOT contains(command, ' --programme ')
    AND outcome IN ('done', 'incomplete');

-- When the newest sync ended that was done, or nearly, and chose the programmes itself. One that names
-- programmes is no visit to the site, so it puts nothing off.
SELECT max(ended_at) AS ended_at
FROM meta.run
WHERE (command = 'sync' OR starts_with(command, 'sync '))
    AND NOT contains(command, ' --programme ')
    AND outcome IN ('done', 'incomplete');

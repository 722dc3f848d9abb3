-- Checks that fail now, and did not in the release before.
SELECT c.check_name, c.subject, c.expected, c.actual, c.tolerance
FROM meta.check_result AS c
ANTI JOIN before.meta.check_result AS b USING (check_name, subject)
ORDER BY ALL;

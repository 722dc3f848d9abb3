-- Checks that fail now, and did not in the release before.
SELECT c.check_name, c.subject, c.expected, c.actual, c.tolerance
FROM meta.check_result AS c
ANTI JOIN (FROM before.meta.check_result WHERE NOT passed) AS b USING (check_name, subject)
WHERE NOT c.passed
ORDER BY ALL;

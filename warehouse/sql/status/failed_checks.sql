-- Checks that fail.
SELECT check_name, subject, expected, actual, tolerance
FROM meta.check_result
ORDER BY check_name, subject

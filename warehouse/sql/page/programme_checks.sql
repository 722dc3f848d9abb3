-- Checks of the programme's figures that do not hold.
SELECT
    programme_id,
    check_name,
    subject,
    expected,
    actual,
    tolerance
FROM meta.check_result
WHERE programme_id BETWEEN $first AND $last
ORDER BY programme_id, check_name, subject;

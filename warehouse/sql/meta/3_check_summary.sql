-- meta.check_summary: How often each check holds and fails, of the warehouse as it stands
-- check_name: Name of the check, as in warehouse/sql/checks and fund_checks
-- passed [checks]: Subjects that it holds for
-- failed [checks]: Subjects that it fails for, which meta.check_result lists
CREATE OR REPLACE VIEW meta.check_summary AS
WITH counted AS (
    SELECT check_name, passed, 0 AS failed FROM vintage.passed_check
    UNION ALL
    SELECT check_name, 0, 1 FROM meta.check_result
)
SELECT check_name, sum(passed)::BIGINT AS passed, sum(failed)::BIGINT AS failed
FROM counted
GROUP BY check_name;

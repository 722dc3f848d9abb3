-- Which checks fail, and how many figures are affected?
-- A failed check removes nothing: it is shown beside the figures, in `failed_checks`.
SELECT c.check_name, c.subject, c.expected AS should_be, c.actual AS shown, c.tolerance,
    count(e.fiscal_year) AS figures_flagged
FROM meta.check_result AS c
LEFT JOIN mart.expenditure_current AS e
    ON e.programme_id = c.programme_id
    AND e.organization = c.organization
    AND contains(e.failed_checks, c.check_name)
GROUP BY ALL
ORDER BY ALL;

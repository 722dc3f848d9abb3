-- Which checks fail, and how many figures are affected?
-- A failed check removes nothing: it is shown beside the figures, in `failed_checks`. A check of an
-- organization over all years is about each of its years, one of a year about all its organizations.
SELECT c.check_name, c.subject, c.expected AS should_be, c.actual AS shown, c.tolerance,
    count(e.fiscal_year) AS figures_flagged
FROM meta.check_result AS c
LEFT JOIN mart.expenditure_current AS e
    ON e.programme_id = c.programme_id
    AND coalesce(c.by_year, true)
    AND meta.concerns(c.organization, c.fiscal_year, e.organization, e.fiscal_year)
GROUP BY ALL
ORDER BY ALL;

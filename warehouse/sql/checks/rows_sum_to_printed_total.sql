-- The rows of a table, as its newest capture prints them, sum to the total that it prints. Each
-- figure is rounded by itself, so n figures may miss by n/2 dollars.
SELECT
    s.about || ', ' || t.subject || ', ' || t.measure AS subject,
    s.about AS programme_id,
    nullif(t.organization, '(all)') AS organization,
    t.fiscal_year,
    t.by_year,
    s.capture_id,
    abs(t.printed_usd - t.summed_usd) <= t.figures / 2 AS passed,
    t.summed_usd AS expected,
    t.printed_usd AS actual,
    t.figures / 2 AS tolerance
FROM segment AS s
JOIN observed.figure_total AS t USING (parse_key)
QUALIFY s.first_at = max(s.first_at) OVER (PARTITION BY s.about)
    AND rank() OVER (
        PARTITION BY s.about, t.subject, t.measure
        ORDER BY s.first_at DESC, parse_key DESC, s.capture_id DESC
    ) = 1

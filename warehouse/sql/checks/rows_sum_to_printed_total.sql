-- The rows of a table, as its newest capture prints them, sum to the total that it prints. Each
-- figure is rounded by itself, so n figures may miss by n/2 dollars.
SELECT
    programme_id || ', ' || t.subject || ', ' || t.measure AS subject,
    programme_id,
    s.capture_id,
    abs(t.printed_usd - t.summed_usd) <= t.figures / 2 AS passed,
    t.summed_usd AS expected,
    t.printed_usd AS actual,
    t.figures / 2 AS tolerance
FROM segment_body AS s
JOIN observed.figure_total AS t USING (body_sha256)
QUALIFY s.first_at = max(s.first_at) OVER (PARTITION BY programme_id)
    AND row_number() OVER (
        PARTITION BY programme_id, t.subject, t.measure ORDER BY s.first_at DESC, body_sha256 DESC
    ) = 1

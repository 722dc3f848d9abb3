-- The rows of a table of contributors, as its newest capture prints them, sum to the total that it
-- prints. Each figure is rounded by itself, so n figures may miss by n/2 dollars.
SELECT
    concat_ws(', ', s.of_fund, t.subject, t.measure) AS subject,
    NULL::VARCHAR AS programme_id,
    s.of_fund AS fund_code,
    s.capture_id,
    abs(t.printed_usd - t.summed_usd) <= t.figures / 2 AS passed,
    t.summed_usd AS expected,
    t.printed_usd AS actual,
    t.figures / 2 AS tolerance
FROM vintage.seen_sources() AS s
JOIN observed.contribution_total AS t USING (parse_key)
WHERE s.of_fund IN (FROM changed_fund)
QUALIFY rank() OVER (
    PARTITION BY s.of_fund, t.subject, t.measure
    ORDER BY s.captured_at DESC, parse_key DESC, s.capture_id DESC
) = 1

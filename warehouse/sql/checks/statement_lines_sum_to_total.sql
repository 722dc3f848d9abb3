-- The lines of each fund's newest statement, of each month too, sum to its totals and balances. Each
-- figure is rounded by itself, so n figures may miss by n/2 dollars.
WITH newest AS (
    SELECT
        fund_code,
        nullif(statement_month, '(current)') AS statement_month,
        max_by(capture_id, known_from) AS capture_id
    FROM core.funding_status
    SEMI JOIN changed_subject ON about = fund_code
    GROUP BY ALL
)
SELECT
    concat_ws(', ', n.fund_code, n.statement_month, t.block, t.line) AS subject,
    NULL::VARCHAR AS programme_id,
    n.fund_code,
    capture_id,
    abs(t.printed_usd - t.summed_usd) <= t.figures / 2 AS passed,
    t.summed_usd AS expected,
    t.printed_usd AS actual,
    t.figures / 2 AS tolerance
FROM newest AS n
JOIN segment AS c USING (capture_id)
JOIN observed.statement_sum AS t USING (parse_key)

-- What does a fund's statement say, and does it add up?
-- Every line is an amount with a role. The checks compute totals and balances from the lines:
-- `computed_usd` is there where it differs from what is printed, and `mptf sql "FROM meta.check_summary"`
-- says how many hold.
SELECT s.block, s.line, s.role, s.amount_usd, s.pct, c.expected AS computed_usd
FROM mart.fund_status_current AS s
LEFT JOIN meta.check_result AS c
    ON c.check_name = 'statement_lines_sum_to_total'
    AND c.subject = concat_ws(', ', s.fund_code, s.block, s.line)
WHERE s.fund_code = 'CUL77'
ORDER BY s.seq;

-- The fund's newest Funding Status, line by line as printed.
SELECT
    s.fund_code,
    s.block,
    s.label,
    s.role,
    s.amount_usd,
    s.pct,
    s.known_from,
    s.source_url,
    s.captured_at,
    c.body_sha256,
    s.capture_id
FROM mart.fund_status_current AS s
JOIN raw.capture AS c USING (capture_id)
WHERE s.fund_code BETWEEN $first AND $last
ORDER BY s.fund_code, s.seq;

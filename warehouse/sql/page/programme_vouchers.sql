-- Payment vouchers to participating organizations; the source shows those from 2009 on.
SELECT
    v.programme_id,
    v.voucher_date,
    v.voucher_number,
    v.organization,
    v.amount_usd,
    v.status,
    v.last_seen,
    c.url AS source_url,
    c.captured_at,
    c.body_sha256,
    v.capture_id
FROM core.voucher AS v
JOIN raw.capture AS c USING (capture_id)
WHERE v.programme_id BETWEEN $first AND $last
ORDER BY v.programme_id, v.voucher_date DESC, v.voucher_number, v.line_no;

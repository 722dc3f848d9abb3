CREATE OR REPLACE VIEW core.voucher AS
SELECT
    v.programme_id,
    v.voucher_number,
    v.line_no,
    v.organization,
    v.voucher_date,
    v.amount_usd,
    v.status,
    v.capture_id,
    v.first_seen,
    greatest(v.seen_until, s.last_at) AS last_seen
FROM vintage.voucher AS v
LEFT JOIN vintage.last_shown AS s ON s.about = v.programme_id AND s.pages = v.pages;

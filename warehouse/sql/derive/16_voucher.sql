-- Derive vouchers one by one. Content tells equal numbers apart, never position; the status is the
-- newest one seen.
-- reads: changed_subject, segment, observed.voucher
-- writes: vintage.voucher

DELETE FROM vintage.voucher WHERE programme_id IN (FROM changed_subject);

INSERT INTO vintage.voucher BY NAME
WITH line AS (
    SELECT
        s.about AS programme_id,
        o.voucher_number,
        o.voucher_date,
        o.organization,
        o.amount_usd,
        last(o.status ORDER BY s.last_at, parse_key) FILTER (o.status IS NOT NULL) AS status,
        min(s.first_at) AS first_seen,
        max(s.last_at) FILTER (s.page = 0) AS seen_until,
        bit_or(s.page) AS pages,
        arg_min(s.capture_id, (s.first_at, parse_key, s.capture_id)) AS capture_id
    FROM segment AS s
    JOIN observed.voucher AS o USING (parse_key)
    GROUP BY s.about, o.voucher_number, o.voucher_date, o.organization, o.amount_usd
)
SELECT *, row_number() OVER (
    PARTITION BY programme_id, voucher_number
    ORDER BY voucher_date NULLS FIRST, organization NULLS FIRST, amount_usd
) AS line_no
FROM line;

-- Derive vouchers one by one. Content tells equal numbers apart, never position; the status is the
-- newest one seen. A voucher whose date a page lacks, or prints unreadably, is the one of the same
-- number, organization and amount whose date other pages show, if it has one date and no page shows
-- both. Numbers equal but for leading zeros are one, in its longest spelling.
-- reads: segment, shown_voucher
-- writes: vintage.voucher

INSERT INTO vintage.voucher BY NAME
WITH shown AS MATERIALIZED (
    SELECT
        s.about AS programme_id, s.first_at, s.last_at, s.page, s.capture_id, o.*,
        core.voucher_key(o.voucher_number) AS voucher_key
    FROM segment AS s
    JOIN shown_voucher AS o USING (parse_key)
),
on_page AS (
    SELECT
        programme_id, voucher_key, organization, amount_usd, parse_key,
        min(voucher_date) AS first_date,
        max(voucher_date) AS last_date,
        bool_or(voucher_date IS NULL) AS undated
    FROM shown
    GROUP BY programme_id, voucher_key, organization, amount_usd, parse_key
),
dated AS (
    SELECT programme_id, voucher_key, organization, amount_usd, min(first_date) AS only_date
    FROM on_page
    GROUP BY programme_id, voucher_key, organization, amount_usd
    HAVING bool_or(undated)
        AND NOT bool_or(undated AND first_date IS NOT NULL)
        AND min(first_date) = max(last_date)
),
line AS (
    SELECT
        s.programme_id,
        s.voucher_key,
        max_by(s.voucher_number, length(s.voucher_number)) AS printed,
        coalesce(s.voucher_date, d.only_date) AS voucher_date,
        s.organization,
        s.amount_usd,
        last(s.status ORDER BY s.last_at, parse_key, s.status) FILTER (s.status IS NOT NULL) AS status,
        min(s.first_at) AS first_seen,
        max(s.last_at) FILTER (s.page = 0) AS seen_until,
        bit_or(s.page) AS pages,
        arg_min(s.capture_id, (s.first_at, parse_key, s.capture_id)) AS capture_id
    FROM shown AS s
    LEFT JOIN dated AS d
        ON s.voucher_date IS NULL
        AND d.programme_id = s.programme_id
        AND d.voucher_key = s.voucher_key
        AND d.organization IS NOT DISTINCT FROM s.organization
        AND d.amount_usd = s.amount_usd
    GROUP BY
        s.programme_id, s.voucher_key, coalesce(s.voucher_date, d.only_date), s.organization,
        s.amount_usd
)
SELECT
    * EXCLUDE (voucher_key, printed),
    max_by(printed, length(printed)) OVER (PARTITION BY programme_id, voucher_key) AS voucher_number,
    row_number() OVER (
        PARTITION BY programme_id, voucher_key
        ORDER BY voucher_date NULLS FIRST, organization NULLS FIRST, amount_usd
    ) AS line_no
FROM line;

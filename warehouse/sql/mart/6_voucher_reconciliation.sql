-- mart.voucher_reconciliation: Vouchers against transfers, by programme and organization
-- Vouchers are shown from 1 January 2009 on; what was transferred before stands apart. Transfers are
-- those by year, or where a programme's page has no years, those since its start: for a programme
-- that began before 2009 the part before is then unknown, and with it the difference.
-- transfers_since_2009_usd [US$]: The part that vouchers should explain; NULL if unknown
-- difference_usd [US$]: Vouchers less transfers since 2009; NULL if these are unknown
-- agrees: Whether they agree within the tolerance; NULL if one of them is unknown
-- agrees_not_known_because: Which of them is unknown, in words; NULL where agrees is not
-- currency: Currency of every amount in the row
-- source_url: URL of the page that first showed the newest of these transfers
-- captured_at [UTC]: Capture time of that page
CREATE OR REPLACE VIEW mart.voucher_reconciliation AS
SELECT
    r.programme_id,
    p.title,
    p.fund_code,
    p.fund_name,
    r.organization,
    r.transfers_usd,
    r.transfers_before_2009_usd,
    r.transfers_usd - r.transfers_before_2009_usd AS transfers_since_2009_usd,
    r.vouchers,
    r.vouchers_usd,
    r.vouchers_usd - (r.transfers_usd - r.transfers_before_2009_usd) AS difference_usd,
    r.tolerance_usd,
    abs(r.vouchers_usd - (r.transfers_usd - r.transfers_before_2009_usd)) <= r.tolerance_usd
        AS agrees,
    CASE
        WHEN r.vouchers IS NULL THEN 'no voucher of the programme is shown'
        WHEN r.vouchers_usd IS NULL THEN 'the vouchers add up to more than an amount can be'
        WHEN r.transfers_usd IS NULL THEN 'no transfers are known'
        WHEN r.transfers_before_2009_usd IS NULL
            THEN 'transfers before 2009 are not known: they are not shown by year'
    END AS agrees_not_known_because,
    'USD' AS currency,
    r.capture_id,
    c.url AS source_url,
    c.captured_at
FROM vintage.reconciliation AS r
LEFT JOIN mart.programme_current AS p USING (programme_id)
JOIN raw.capture AS c ON c.capture_id = r.capture_id;

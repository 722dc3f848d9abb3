-- Vouchers beside the transfers that they should add up to.
SELECT
    programme_id,
    organization,
    transfers_usd,
    transfers_before_2009_usd,
    vouchers,
    vouchers_usd,
    difference_usd,
    agrees
FROM mart.voucher_reconciliation
WHERE programme_id BETWEEN $first AND $last
ORDER BY programme_id, organization;

-- Do the vouchers add up to the transfers?
-- Pages show vouchers from 1 January 2009 on. Transfers before that date are in a column of their own;
-- otherwise every old programme would seem to lack money.
SELECT programme_id, organization, transfers_usd, transfers_before_2009_usd, vouchers_usd,
    difference_usd, agrees
FROM mart.voucher_reconciliation
WHERE NOT agrees OR transfers_before_2009_usd > 0
ORDER BY agrees, programme_id, organization
LIMIT 12;

-- An organization's vouchers sum to what was transferred to it since 2009, where that is known; those
-- of all organizations, where some name none.
SELECT
    programme_id || ', ' || organization AS subject,
    programme_id,
    nullif(organization, '(all)') AS organization,
    capture_id,
    abs(vouchers_usd - (transfers_usd - transfers_before_2009_usd)) <= tolerance_usd AS passed,
    transfers_usd - transfers_before_2009_usd AS expected,
    vouchers_usd AS actual,
    tolerance_usd AS tolerance
FROM vintage.reconciliation
SEMI JOIN changed_subject ON about = programme_id
WHERE transfers_usd - transfers_before_2009_usd IS NOT NULL AND vouchers_usd IS NOT NULL

-- Which programmes lost a row of their table?
-- A row that vanishes is kept and marked with the first capture that lacked it. The marts leave it out.
SELECT programme_id, organization, fiscal_year, basis, expenditure_usd, last_seen,
    no_longer_shown_since
FROM core.expenditure_snapshot
WHERE no_longer_shown_since IS NOT NULL
ORDER BY no_longer_shown_since DESC, programme_id, organization, fiscal_year;

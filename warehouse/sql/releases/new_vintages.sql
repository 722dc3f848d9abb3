-- Vintages of annual figures that the release before did not have.
SELECT e.programme_id, p.title, e.organization, e.fiscal_year, e.basis, e.known_from,
    e.expenditure_usd
FROM core.expenditure_snapshot AS e
ANTI JOIN before.core.expenditure_snapshot AS b
    USING (programme_id, organization, fiscal_year, basis, known_from)
LEFT JOIN mart.programme_current AS p USING (programme_id)
ORDER BY ALL;

-- Annual figures that the release before had, and that no vintage of this one has: the captures that
-- showed them were forgotten, or a newer parser reads their pages otherwise.
SELECT b.programme_id, p.title, b.organization, b.fiscal_year, b.basis, b.known_from,
    b.expenditure_usd
FROM before.core.expenditure_snapshot AS b
ANTI JOIN core.expenditure_snapshot AS e
    USING (programme_id, organization, fiscal_year, expenditure_usd)
LEFT JOIN mart.programme_current AS p USING (programme_id)
WHERE b.expenditure_usd IS NOT NULL
ORDER BY ALL;

-- Annual figures that the site showed until the release before, and does not any longer.
SELECT e.programme_id, e.title, e.organization, e.fiscal_year, e.basis, e.expenditure_usd,
    e.no_longer_shown_since
FROM mart.expenditure_vintage AS e
ANTI JOIN (FROM before.core.expenditure_snapshot WHERE no_longer_shown_since IS NOT NULL) AS b
    USING (programme_id, organization, fiscal_year, basis, known_from)
WHERE e.no_longer_shown_since IS NOT NULL
ORDER BY ALL;

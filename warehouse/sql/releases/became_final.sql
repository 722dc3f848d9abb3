-- Figures that were interim in the release before, and have a year-end figure now.
SELECT e.programme_id, e.title, e.organization, e.fiscal_year,
    b.expenditure_usd AS interim_usd, e.expenditure_usd AS year_end_usd
FROM mart.year_end_expenditure AS e
ANTI JOIN before.mart.year_end_expenditure AS y USING (programme_id, organization, fiscal_year)
JOIN before.mart.interim_expenditure AS b USING (programme_id, organization, fiscal_year)
ORDER BY ALL;

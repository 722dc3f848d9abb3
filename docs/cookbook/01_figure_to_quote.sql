-- What do I quote today for a programme?
-- `mart.expenditure_current` has one row per organization and year: year-end where there is one, else
-- interim. Quote the basis and the day from which the figure was shown with it.
SELECT organization, fiscal_year, basis, expenditure_usd, known_from::DATE AS known_from, source_url
FROM mart.expenditure_current
WHERE programme_id = '00060282'
ORDER BY organization, fiscal_year DESC;

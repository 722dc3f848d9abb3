-- What figure do I quote today for a programme?
-- `mart.expenditure_current` has one row per organization and year: the year-end figure if there is one, else
-- the interim figure. Quote the basis with it, and the day from which the page showed it.
SELECT organization, fiscal_year, basis, expenditure_usd, known_from::DATE AS known_from, source_url
FROM mart.expenditure_current
WHERE programme_id = '00060282'
ORDER BY organization, fiscal_year DESC;

-- Which years are still interim, and how much money is in them?
-- An organization has until 30 April to report the year before, so the newest years are interim.
-- `shown` counts the figures that pages show; the others have no expenditure yet.
SELECT fiscal_year, count(*) AS figures, count(expenditure_usd) AS shown,
    sum(expenditure_usd) AS interim_usd
FROM mart.expenditure_current
WHERE basis = 'interim'
GROUP BY fiscal_year
ORDER BY fiscal_year;

-- Which years are still interim, and how much money is in them?
-- Organizations report a year by 30 April of the next, so the newest years are interim. `shown` counts
-- the figures that have an expenditure yet.
SELECT fiscal_year, count(*) AS figures, count(expenditure_usd) AS shown,
    sum(expenditure_usd) AS interim_usd
FROM mart.expenditure_current
WHERE basis = 'interim'
GROUP BY fiscal_year
ORDER BY fiscal_year;

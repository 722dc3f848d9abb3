-- Which organization is `(all)`?
-- None: the page shows the year without naming an organization. Include it in the total of a fund or a year, and
-- exclude it when you compare organizations. A programme and year has either `(all)` or named organizations.
SELECT organization = '(all)' AS unnamed, count(*) AS figures,
    count(DISTINCT programme_id) AS programmes, sum(expenditure_usd) AS expenditure_usd
FROM mart.expenditure_current
WHERE fiscal_year = 2015
GROUP BY ALL
ORDER BY unnamed;

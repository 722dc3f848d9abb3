-- Who is the organization `(all)`?
-- Nobody: the page shows the year without naming one. Leave it in for a fund's or a year's total, and out
-- of a comparison of organizations. It never stands beside named ones for the same programme and year.
SELECT organization = '(all)' AS unnamed, count(*) AS figures,
    count(DISTINCT programme_id) AS programmes, sum(expenditure_usd) AS expenditure_usd
FROM mart.expenditure_current
WHERE fiscal_year = 2015
GROUP BY ALL
ORDER BY unnamed;

-- What has changed since the previous release?
-- A release is one file, so you can attach the previous one. (`changes.json`, in the release's folder,
-- lists the rows.)
ATTACH 'releases/mptf-2016-04-20.duckdb' AS before (READ_ONLY);
SELECT fiscal_year, count(b.fiscal_year) AS figures_before, count(*) AS figures,
    sum(b.expenditure_usd) AS before_usd, sum(n.expenditure_usd) AS now_usd,
    count(*) FILTER (b.basis = 'interim' AND n.basis = 'year_end') AS became_final
FROM mart.expenditure_current AS n
LEFT JOIN before.mart.expenditure_current AS b USING (programme_id, organization, fiscal_year)
WHERE fiscal_year >= 2013
GROUP BY fiscal_year
ORDER BY fiscal_year;

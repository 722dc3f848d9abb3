-- Is an empty figure zero?
-- No: the page does not show it. Counted as zero, it lowers every mean, and organizations that have not
-- reported seem to have spent nothing.
SELECT fiscal_year, count(*) AS figures, count(expenditure_usd) AS shown,
    round(avg(expenditure_usd), 2) AS mean_of_shown_usd,
    round(avg(coalesce(expenditure_usd, 0)), 2) AS wrong_mean_usd
FROM mart.expenditure_current
WHERE fiscal_year >= 2015
GROUP BY fiscal_year
ORDER BY fiscal_year;

-- How far off were interim figures, by organization?
-- This compares the last interim figure with the first year-end figure, wherever both were seen.
SELECT organization, count(*) AS figures, sum(interim_usd) AS interim_usd,
    sum(year_end_usd) AS year_end_usd, sum(difference_usd) AS difference_usd,
    round(100 * sum(difference_usd) / nullif(abs(sum(interim_usd)), 0), 1) AS difference_pct
FROM mart.interim_vs_year_end
GROUP BY organization
ORDER BY abs(sum(difference_usd)) DESC, organization
LIMIT 8;

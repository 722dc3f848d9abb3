-- How far off were interim figures, by organization?
-- The last interim figure that was seen beside the first year-end one, for every figure for which both
-- were seen.
SELECT organization, count(*) AS figures, sum(interim_usd) AS interim_usd,
    sum(year_end_usd) AS year_end_usd, sum(difference_usd) AS difference_usd,
    round(100 * sum(difference_usd) / nullif(abs(sum(interim_usd)), 0), 1) AS difference_pct
FROM mart.interim_vs_year_end
GROUP BY organization
ORDER BY abs(sum(difference_usd)) DESC, organization
LIMIT 8;

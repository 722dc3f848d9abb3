-- How much of its money has each organization spent?
-- Only final years count, and only rows that show both figures, because a missing figure is not zero.
-- Divide the sums: the mean of the printed rates would give small programmes the weight of large ones.
SELECT organization, count(*) AS figures, sum(net_funded_usd) AS net_funded_usd,
    sum(expenditure_usd) AS expenditure_usd,
    round(100 * sum(expenditure_usd) / nullif(sum(net_funded_usd), 0), 1) AS delivery_pct
FROM mart.expenditure_current
WHERE basis = 'year_end' AND net_funded_usd IS NOT NULL AND expenditure_usd IS NOT NULL
GROUP BY organization
ORDER BY sum(net_funded_usd) DESC
LIMIT 10;

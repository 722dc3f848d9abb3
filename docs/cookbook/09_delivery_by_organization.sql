-- How much of its money has each organization spent?
-- Of final years alone, and only where both figures are shown: a missing one is not zero. Sums first,
-- then the rate; the mean of printed rates would weigh small programmes like large ones.
SELECT organization, count(*) AS figures, sum(net_funded_usd) AS net_funded_usd,
    sum(expenditure_usd) AS expenditure_usd,
    round(100 * sum(expenditure_usd) / nullif(sum(net_funded_usd), 0), 1) AS delivery_pct
FROM mart.expenditure_current
WHERE basis = 'year_end' AND net_funded_usd IS NOT NULL AND expenditure_usd IS NOT NULL
GROUP BY organization
ORDER BY sum(net_funded_usd) DESC
LIMIT 10;

-- May I add a programme's years to its total?
-- No: the total since the start contains the years, so the two are in separate tables. Side by side they show
-- the part that no year accounts for; a difference of a dollar is rounding.
SELECT programme_id, organization, c.expenditure_usd AS since_start_usd, c.basis,
    sum(y.expenditure_usd) AS sum_of_years_usd,
    c.expenditure_usd - sum(y.expenditure_usd) AS not_in_any_year_usd
FROM core.cumulative_snapshot AS c
JOIN mart.expenditure_current AS y USING (programme_id, organization)
WHERE c.expenditure_usd IS NOT NULL AND c.no_longer_shown_since IS NULL
GROUP BY programme_id, organization, c.basis, c.known_from, c.expenditure_usd
QUALIFY c.known_from = max(c.known_from) OVER (PARTITION BY programme_id, organization)
ORDER BY programme_id, organization
LIMIT 8;

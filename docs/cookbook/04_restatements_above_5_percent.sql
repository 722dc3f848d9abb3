-- Which final figures were changed by more than 5%?
-- A restatement is a change of a figure that was final. The view lists every measure, so filter by one.
SELECT programme_id, organization, fiscal_year, old_value::DECIMAL(18, 2) AS was_usd,
    new_value::DECIMAL(18, 2) AS is_usd, round(100 * change / abs(old_value), 1) AS change_pct, restated_at::DATE AS restated_on
FROM mart.restatement
WHERE measure = 'expenditure_usd' AND abs(change) > 0.05 * abs(old_value)
ORDER BY abs(change) DESC;

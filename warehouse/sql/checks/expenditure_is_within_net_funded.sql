-- Over all years, an organization spends no more than it was funded with, net. Each figure is rounded
-- by itself, so n figures may miss by n/2 dollars.
SELECT
    programme_id || ', ' || organization AS subject,
    programme_id,
    organization,
    max_by(capture_id, (known_from, capture_id)) AS capture_id,
    sum(expenditure_usd) <= sum(net_funded_usd) + count(*) AS passed,
    sum(net_funded_usd) AS expected,
    sum(expenditure_usd) AS actual,
    count(*) AS tolerance
FROM current_figure
WHERE fiscal_year IS NOT NULL
GROUP BY programme_id, organization
HAVING bool_and(net_funded_usd IS NOT NULL) AND count(expenditure_usd) > 0

-- In the newest vintage of each annual figure, the delivery rate is what its figures give. The rate
-- is printed to one decimal, the figures to the dollar.
SELECT
    programme_id || ', ' || organization || ', ' || fiscal_year AS subject,
    programme_id,
    organization,
    fiscal_year,
    capture_id,
    abs(delivery_rate_pct * net_funded_usd - 100 * expenditure_usd) <= 0.1 * net_funded_usd
        AS passed,
    100 * expenditure_usd::DOUBLE / net_funded_usd::DOUBLE AS expected,
    delivery_rate_pct AS actual,
    0.1 AS tolerance
FROM changed_figure
WHERE is_newest
    AND fiscal_year IS NOT NULL
    AND delivery_rate_pct IS NOT NULL
    AND expenditure_usd IS NOT NULL
    AND net_funded_usd > 1000

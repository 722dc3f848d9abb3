-- In the newest vintage of each annual figure, net funded amount = transfers - refunds.
SELECT
    programme_id || ', ' || organization || ', ' || fiscal_year AS subject,
    programme_id,
    organization,
    fiscal_year,
    capture_id,
    abs(net_funded_usd - (transfers_usd - refunds_usd)) <= 1.5 AS passed,
    transfers_usd - refunds_usd AS expected,
    net_funded_usd AS actual,
    1.5 AS tolerance
FROM changed_figure
WHERE is_newest
    AND fiscal_year IS NOT NULL
    AND net_funded_usd IS NOT NULL
    AND transfers_usd IS NOT NULL
    AND refunds_usd IS NOT NULL

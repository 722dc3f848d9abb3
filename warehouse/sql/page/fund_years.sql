-- The money of one fund, year by year: what was deposited, transferred and spent, how much of this is
-- interim, and what the sums leave out.
WITH figure AS (
    SELECT
        coalesce(fund_code, 'none') AS fund_code,
        fiscal_year,
        core.rate_of_sums(expenditure_usd, net_funded_usd) AS delivery_rate_pct,
        if(min(basis) <> max(basis), 'mixed', min(basis)) AS basis
    FROM mart.expenditure_current
    GROUP BY ALL
),
flow AS (
    SELECT
        coalesce(fund_code, 'none') AS fund_code,
        fiscal_year,
        sum(programmes) AS programmes,
        sum(commitments_usd) AS commitments_usd,
        sum(deposits_usd) AS deposits_usd,
        sum(net_funded_usd) AS net_funded_usd,
        sum(transfers_usd) AS transfers_usd,
        sum(refunds_usd) AS refunds_usd,
        sum(year_end_usd) AS year_end_usd,
        sum(interim_usd) AS interim_usd,
        sum(expenditure_usd) AS expenditure_usd,
        core.rate_pct(coalesce(sum(interim_usd), 0), sum(expenditure_usd)) AS interim_share_pct,
        sum(balance_usd) AS balance_usd,
        max(balance_not_known_because) AS balance_not_known_because,
        string_agg(not_covered, '; ' ORDER BY not_covered) AS not_covered
    FROM mart.money_flow
    GROUP BY ALL
)
SELECT f.*, delivery_rate_pct, basis
FROM flow AS f
LEFT JOIN figure USING (fund_code, fiscal_year)
WHERE fund_code BETWEEN $first AND $last
ORDER BY fund_code, fiscal_year DESC;

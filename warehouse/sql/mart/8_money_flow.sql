-- mart.money_flow: The money of each fund by year, from contributors through the fund to expenditure
-- From mart.fund_year, which explains the sums. Transfers and expenditure are those of the programmes that
-- are known here, so a balance is not that of the fund's statement (mart.fund_status_current): fees, interest
-- and transfers between funds are not in it.
-- balance_usd [US$]: Deposits less net funded amounts, from the fund's start, or the first year that is known, to the end of this one; NULL if either is not known for each of these years
-- balance_not_known_because: Why there is no balance, in words; NULL if there is one
CREATE OR REPLACE VIEW mart.money_flow AS
WITH stated AS (
    SELECT fund_code, amount_usd AS stated_usd
    FROM mart.fund_status_current
    WHERE block = 'administrative_agent' AND line = 'contributions'
),
so_far AS (
    SELECT
        f.*,
        sum(deposits_usd) OVER until_then AS deposits_until_then_usd,
        sum(net_funded_usd) OVER until_then AS net_funded_until_then_usd,
        sum(programmes_not_covered) OVER until_then AS left_out,
        sum(figures_without_net_funded) OVER until_then AS without_net_funded,
        fiscal_year - least(begun_year, min(fiscal_year) OVER until_then) + 1
            - count(deposits_usd) OVER until_then AS years_without_deposits,
        -- Deposits that add up to what the statement says leave no year out.
        coalesce(
            abs(sum(deposits_usd) OVER of_fund - stated_usd)
                <= (sum(contributors) OVER of_fund + 1) / 2,
            false
        ) AS deposits_are_all
    FROM mart.fund_year AS f
    LEFT JOIN stated USING (fund_code)
    LEFT JOIN core.funds_begun() AS b USING (fund_code)
    WINDOW
        of_fund AS (PARTITION BY fund_code),
        until_then AS (PARTITION BY fund_code ORDER BY fiscal_year)
),
judged AS (
    SELECT
        *,
        CASE
            WHEN coalesce(fund_code, '(all)') = '(all)' THEN 'the fund is not known'
            WHEN deposits_until_then_usd IS NULL THEN 'no deposits are known by year'
            WHEN contributors_not_covered > 0 AND NOT deposits_are_all
                THEN 'some contributions are not known by year'
            WHEN years_without_deposits > 0 AND NOT deposits_are_all
                THEN 'a year of the fund until then has no deposits'
            WHEN left_out > 0 THEN 'the sums until then leave programmes out'
            WHEN without_net_funded > 0 THEN 'a figure until then has no net funded amount'
        END AS balance_not_known_because
    FROM so_far
)
SELECT
    fund_code,
    fund_name,
    fiscal_year,
    contributors,
    commitments_usd,
    deposits_usd,
    transfers_usd,
    refunds_usd,
    net_funded_usd,
    expenditure_usd,
    interim_usd,
    year_end_usd,
    interim_share_pct,
    CASE
        WHEN balance_not_known_because IS NULL
            THEN deposits_until_then_usd - coalesce(net_funded_until_then_usd, 0)
    END AS balance_usd,
    balance_not_known_because,
    programmes,
    programmes_not_covered,
    not_covered,
    currency
FROM judged;

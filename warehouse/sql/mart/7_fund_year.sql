-- mart.fund_year: Contributions, transfers and expenditure by fund and year, and what they leave out
-- From mart.expenditure_current, by the fund that each programme's page names now (by its code, and
-- where a page names none, by the fund's name), and from mart.contribution_current. Years of which only
-- contributions are known, or only programmes that the sums leave out, have a row too.
-- programmes [programmes]: Programmes with a figure for the year
-- contributors [contributors]: Contributors with a contribution to the fund in the year
-- commitments_usd [US$]: What all contributors committed to the fund; NULL if nothing is shown
-- deposits_usd [US$]: What they deposited
-- deposit_rate_pct [percent]: Deposits over commitments, of the contributions that show both
-- net_funded_usd [US$]: Net funded amount of the fund's programmes
-- figures_without_net_funded [figures]: Figures of the year that show no net funded amount
-- transfers_usd [US$]: Transfers to all organizations of the fund's programmes
-- refunds_usd [US$]: Refunds from them
-- expenditure_usd [US$]: Their expenditure, interim and year-end together; NULL if none is shown
-- delivery_rate_pct [percent]: Expenditure over net funded amount, of the figures that show both
-- interim_usd [US$]: The part of the expenditure that is interim
-- year_end_usd [US$]: The part of it that is year-end
-- interim_share_pct [percent]: The interim part over the whole; NULL if that is 0 or almost 0
-- programmes_not_covered [programmes]: Programmes that the sums leave out (mart.not_covered_year)
-- contributors_not_covered [contributors]: Contributors whose contributions to the fund by year are not known, or not all (mart.contribution_not_covered)
-- not_covered: These programmes and contributors; NULL where nothing is left out
-- currency: Currency of every amount in the row
-- newest_known_from [UTC]: When the newest of these figures was first shown
CREATE OR REPLACE VIEW mart.fund_year AS
WITH part AS (
    SELECT
        fund_code, fund_name, fiscal_year, programme_id, net_funded_usd, transfers_usd, refunds_usd,
        expenditure_usd, basis, known_from
    FROM mart.expenditure_current
    UNION ALL BY NAME
    SELECT
        fund_code, fund_name, fiscal_year, contributor, commitments_usd, deposits_usd, known_from
    FROM mart.contribution_current
    UNION ALL BY NAME
    SELECT fund_code, fund_name, fiscal_year, programme_id AS left_out_id, reason
    FROM mart.not_covered_year
),
summed AS (
    SELECT
        fund_code,
        coalesce(
            max(fund_name) FILTER (coalesce(programme_id, left_out_id) IS NOT NULL), max(fund_name)
        ) AS fund_name,
        fiscal_year,
        count(DISTINCT programme_id) AS programmes,
        count(DISTINCT contributor) AS contributors,
        sum(commitments_usd) AS commitments_usd,
        sum(deposits_usd) AS deposits_usd,
        core.rate_of_sums(deposits_usd, commitments_usd) AS deposit_rate_pct,
        sum(net_funded_usd) AS net_funded_usd,
        count(*) FILTER (programme_id IS NOT NULL AND net_funded_usd IS NULL)
            AS figures_without_net_funded,
        sum(transfers_usd) AS transfers_usd,
        sum(refunds_usd) AS refunds_usd,
        sum(expenditure_usd) AS expenditure_usd,
        core.rate_of_sums(expenditure_usd, net_funded_usd) AS delivery_rate_pct,
        sum(expenditure_usd) FILTER (basis = 'interim') AS interim_usd,
        sum(expenditure_usd) FILTER (basis = 'year_end') AS year_end_usd,
        core.interim_share(expenditure_usd, basis) AS interim_share_pct,
        count(DISTINCT left_out_id) AS programmes_not_covered,
        core.not_covered(left_out_id, reason) AS not_covered,
        'USD' AS currency,
        max(known_from) AS newest_known_from
    FROM part
    GROUP BY fund_code, CASE WHEN fund_code IS NULL THEN fund_name END, fiscal_year
),
contribution AS (
    SELECT
        fund_code,
        count(DISTINCT contributor) AS contributors,
        core.contributions_not_covered('contributor', contributor, reason) AS not_covered
    FROM mart.contribution_not_covered
    GROUP BY fund_code
)
SELECT
    s.* EXCLUDE (not_covered, currency, newest_known_from),
    coalesce(c.contributors, 0) AS contributors_not_covered,
    nullif(concat_ws('; ', s.not_covered, c.not_covered), '') AS not_covered,
    s.currency,
    s.newest_known_from
FROM summed AS s
LEFT JOIN contribution AS c USING (fund_code);

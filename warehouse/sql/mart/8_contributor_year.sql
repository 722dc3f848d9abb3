-- mart.contributor_year: what each contributor committed and deposited in a year, over all funds
-- From mart.contribution_current.
-- contributor_fund_code: fund that the contributor is; NULL for others
-- funds: funds that it gave to; 0 where no fund is named
-- commitments_usd [US$]: its commitments to all funds
-- deposits_usd [US$]: its deposits to all funds
-- deposit_rate_pct [percent]: deposits over commitments, of the contributions that show both
-- newest_known_from [UTC]: when the newest of these amounts was first shown
-- not_covered: funds of which its contributions by year are not known, or not all; NULL where there are none
-- currency: currency of every amount in the row
CREATE OR REPLACE VIEW mart.contributor_year AS
WITH left_out AS (
    SELECT
        contributor,
        core.contributions_not_covered('fund', fund_code, reason) AS not_covered
    FROM mart.contribution_not_covered
    GROUP BY contributor
)
SELECT
    y.contributor,
    y.contributor_fund_code,
    y.fiscal_year,
    count(DISTINCT y.fund_code) FILTER (y.fund_code <> '(all)') AS funds,
    sum(y.commitments_usd) AS commitments_usd,
    sum(y.deposits_usd) AS deposits_usd,
    core.rate_pct(
        sum(y.deposits_usd) FILTER (y.commitments_usd IS NOT NULL),
        sum(y.commitments_usd) FILTER (y.deposits_usd IS NOT NULL)
    ) AS deposit_rate_pct,
    max(y.known_from) AS newest_known_from,
    any_value(l.not_covered) AS not_covered,
    'USD' AS currency
FROM mart.contribution_current AS y
LEFT JOIN left_out AS l ON l.contributor = y.contributor
GROUP BY y.contributor, y.contributor_fund_code, y.fiscal_year;

-- mart.contributor_year: What each contributor committed and deposited in a year, over all funds
-- From mart.contribution_current.
-- contributor_fund_code: Fund that the contributor is; NULL for others
-- funds [funds]: Funds that it gave to; 0 where no fund is named
-- commitments_usd [US$]: Its commitments to all funds
-- deposits_usd [US$]: Its deposits to all funds
-- deposit_rate_pct [percent]: Deposits over commitments, of the contributions that show both
-- newest_known_from [UTC]: When the newest of these amounts was first shown
-- not_covered: Funds of which its contributions by year are not known, or not all, and what a list shows more of the year; NULL where there is nothing
-- currency: Currency of every amount in the row
CREATE OR REPLACE VIEW mart.contributor_year AS
WITH summed AS (
    SELECT
        contributor,
        contributor_fund_code,
        fiscal_year,
        count(*) AS figures,
        count(DISTINCT fund_code) FILTER (fund_code <> '(all)') AS funds,
        sum(commitments_usd) AS commitments_usd,
        sum(deposits_usd) AS deposits_usd,
        core.rate_of_sums(deposits_usd, commitments_usd) AS deposit_rate_pct,
        max(known_from) AS newest_known_from
    FROM mart.contribution_current
    GROUP BY contributor, contributor_fund_code, fiscal_year
),
left_out AS (
    SELECT
        contributor,
        core.contributions_not_covered('fund', fund_code, reason) AS not_covered
    FROM mart.contribution_not_covered
    GROUP BY contributor
)
SELECT
    s.* EXCLUDE (figures),
    nullif(
        concat_ws(
            '; ',
            o.not_covered,
            core.listed_alone(l.commitments_usd, s.commitments_usd, s.figures, 'commitments'),
            core.listed_alone(l.deposits_usd, s.deposits_usd, s.figures, 'deposits')
        ),
        ''
    ) AS not_covered,
    'USD' AS currency
FROM summed AS s
LEFT JOIN left_out AS o ON o.contributor = s.contributor
LEFT JOIN core.listed_contributions() AS l
    ON l.contributor = s.contributor AND l.fiscal_year = s.fiscal_year;

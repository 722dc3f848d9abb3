-- mart.contributor_year: what each contributor committed and deposited in a year, over all funds
-- From mart.contribution_current.
-- contributor_fund_code: fund that the contributor is; NULL for others
-- funds: funds that it gave to; 0 where no fund is named
-- commitments_usd [US$]: its commitments to all funds
-- deposits_usd [US$]: its deposits to all funds
-- deposit_rate_pct [percent]: deposits over commitments, of the contributions that show both
-- newest_known_from [UTC]: when the newest of these amounts was first shown
-- not_covered: funds of which only its contributions since the start are known; NULL where there are none
-- currency: currency of every amount in the row
CREATE OR REPLACE VIEW mart.contributor_year AS
WITH undated AS (
    SELECT contributor, list(DISTINCT fund_code) AS funds
    FROM core.contribution_cumulative_snapshot
    ANTI JOIN mart.contribution_current USING (fund_code, contributor)
    WHERE no_longer_shown_since IS NULL AND fund_code <> '(all)'
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
    core.named(any_value(u.funds), 'fund', 'cumulative contributions only') AS not_covered,
    'USD' AS currency
FROM mart.contribution_current AS y
LEFT JOIN undated AS u ON u.contributor = y.contributor
GROUP BY y.contributor, y.contributor_fund_code, y.fiscal_year;

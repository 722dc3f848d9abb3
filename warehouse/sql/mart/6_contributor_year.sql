-- mart.contributor_year: what each contributor committed and deposited in a year, over all funds
-- From mart.contribution_current.
-- funds: funds that it gave to; 0 where the API names none
-- commitments_usd [US$]: its commitments to all funds
-- deposits_usd [US$]: its deposits to all funds
-- newest_known_from [UTC]: when the newest of these amounts was first shown
-- currency: currency of every amount in the row
CREATE OR REPLACE VIEW mart.contributor_year AS
SELECT
    contributor,
    fiscal_year,
    count(DISTINCT fund_code) FILTER (fund_code <> '(all)') AS funds,
    sum(commitments_usd) AS commitments_usd,
    sum(deposits_usd) AS deposits_usd,
    max(known_from) AS newest_known_from,
    'USD' AS currency
FROM mart.contribution_current
GROUP BY contributor, fiscal_year;

-- Return the contributors that are funds, with the fund's code: that of the link of a row, else that of
-- the only fund whose page has printed the name.
CREATE OR REPLACE MACRO core.contributor_funds() AS TABLE
WITH shown AS (
    SELECT contributor, contributor_fund_code FROM core.contribution_snapshot
    UNION
    SELECT contributor, contributor_fund_code FROM core.contribution_cumulative_snapshot
),
told AS (
    SELECT contributor, contributor_fund_code AS fund_code, true AS is_linked
    FROM shown
    WHERE contributor_fund_code IS NOT NULL
    UNION
    SELECT s.contributor, f.fund_code, false AS is_linked
    FROM shown AS s
    JOIN core.fund AS f ON lower(f.name) = lower(s.contributor)
)
SELECT contributor, any_value(fund_code) AS contributor_fund_code
FROM told
WHERE is_linked OR contributor NOT IN (SELECT contributor FROM told WHERE is_linked)
GROUP BY contributor
HAVING count(DISTINCT fund_code) = 1;

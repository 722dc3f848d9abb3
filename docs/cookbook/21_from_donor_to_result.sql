-- Who paid, through which fund, to whom, and what was spent?
-- A fund pools its money: no contributor's share goes to one organization, so this lists one fund's contributors,
-- organizations and expenditure over all years, and what the sums leave out.
WITH figure AS (
    SELECT organization, sum(transfers_usd) AS transfers_usd, sum(expenditure_usd) AS expenditure_usd,
        if(bool_or(basis = 'interim'), 'partly interim', 'year_end') AS basis
    FROM mart.expenditure_current
    WHERE fund_code = 'RGT0Y'
    GROUP BY organization
)
SELECT 1 AS step, 'deposited by' AS what, contributor AS who, deposits_usd AS amount_usd, counted AS note
FROM mart.contributor_fund
WHERE fund_code = 'RGT0Y'
UNION ALL
SELECT 2, 'transferred to', organization, transfers_usd, 'years' FROM figure
UNION ALL
SELECT 3, 'spent by', organization, expenditure_usd, basis FROM figure
UNION ALL
SELECT 4, 'not in these sums', programme_id, expenditure_usd, reason
FROM mart.not_covered
WHERE fund_code = 'RGT0Y'
ORDER BY step, amount_usd DESC NULLS LAST, who;

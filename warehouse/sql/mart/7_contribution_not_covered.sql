-- mart.contribution_not_covered: contributions to funds that sums by year leave out
-- Where a row of a fund names no contributor, its contributions are compared as a whole.
-- contributor: the contributor; `(all)` where the fund's contributions are compared as a whole
-- commitments_usd [US$]: what the commitments since the start hold more than those by year
-- deposits_usd [US$]: what the deposits since the start hold more than those by year
-- reason: cumulative contributions only (none by year); larger contributions since the start than by year
-- known_from [UTC]: when the contribution since the start was first shown
-- currency: currency of every amount in the row
CREATE OR REPLACE VIEW mart.contribution_not_covered AS
WITH side AS (
    SELECT fund_code, contributor, commitments_usd, deposits_usd, known_from, true AS is_whole
    FROM mart.contributor_fund
    WHERE counted = 'since the start'
    UNION ALL
    SELECT fund_code, contributor, commitments_usd, deposits_usd, known_from, false AS is_whole
    FROM mart.contribution_current
),
compared AS (
    SELECT * REPLACE (
        if(bool_or(contributor = '(all)') OVER (PARTITION BY fund_code), '(all)', contributor)
            AS contributor
    )
    FROM side
)
SELECT
    fund_code,
    contributor,
    core.excess(commitments_usd, is_whole) AS commitments_usd,
    core.excess(deposits_usd, is_whole) AS deposits_usd,
    if(
        bool_and(is_whole),
        'cumulative contributions only',
        'larger contributions since the start than by year'
    ) AS reason,
    max(known_from) FILTER (is_whole) AS known_from,
    'USD' AS currency
FROM compared
GROUP BY fund_code, contributor
HAVING bool_or(is_whole)
    AND (
        bool_and(is_whole)
        OR core.holds_more(commitments_usd, is_whole, known_from)
        OR core.holds_more(deposits_usd, is_whole, known_from)
    );

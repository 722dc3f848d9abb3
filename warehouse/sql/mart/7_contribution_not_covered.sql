-- mart.contribution_not_covered: Contributions to funds that sums by year leave out
-- Where a row of a fund names no contributor, its contributions are compared as a whole. Contributions of
-- several years together are compared with those of each of these years.
-- contributor: The contributor; `(all)` where the fund's contributions are compared as a whole
-- commitments_usd [US$]: What these commitments hold more than those by year
-- deposits_usd [US$]: What these deposits hold more than those by year
-- reason: Cumulative contributions only (none by year); larger contributions since the start than by year; contributions of several years together
-- known_from [UTC]: When what is left out was first shown
-- currency: Currency of every amount in the row
CREATE OR REPLACE VIEW mart.contribution_not_covered AS
WITH side AS (
    SELECT fund_code, contributor, commitments_usd, deposits_usd, known_from, true AS is_whole
    FROM mart.contributor_fund
    WHERE counted = 'since the start'
    UNION ALL
    SELECT fund_code, contributor, commitments_usd, deposits_usd, known_from, false AS is_whole
    FROM mart.contribution_current
),
since_start AS (
    SELECT * REPLACE (
        CASE
            WHEN bool_or(contributor = '(all)') OVER (PARTITION BY fund_code) THEN '(all)'
            ELSE contributor
        END
            AS contributor
    )
    FROM side
),
span AS (
    FROM core.contribution_cumulative_snapshot
    WHERE to_year > 0 AND no_longer_shown_since IS NULL
    QUALIFY rank() OVER (
        PARTITION BY fund_code, contributor, from_year, to_year ORDER BY known_from DESC
    ) = 1
),
-- Each contribution by year counts for its fund and contributor, and for all.
by_year AS (
    SELECT
        f.fund_code, c.contributor, y.fiscal_year, y.commitments_usd, y.deposits_usd, y.known_from
    FROM mart.contribution_current AS y
    CROSS JOIN unnest(list_distinct([y.fund_code, '(all)'])) AS f (fund_code)
    CROSS JOIN unnest(list_distinct([y.contributor, '(all)'])) AS c (contributor)
),
compared AS (
    FROM since_start
    UNION ALL BY NAME
    SELECT
        fund_code, contributor, from_year, to_year, commitments_usd, deposits_usd, known_from,
        true AS is_whole
    FROM span
    UNION ALL BY NAME
    SELECT
        s.fund_code, s.contributor, s.from_year, s.to_year, y.commitments_usd, y.deposits_usd,
        y.known_from, false AS is_whole
    FROM span AS s
    JOIN by_year AS y
        ON y.fund_code = s.fund_code
        AND y.contributor = s.contributor
        AND y.fiscal_year BETWEEN s.from_year AND s.to_year
)
SELECT
    fund_code,
    contributor,
    core.excess(commitments_usd, is_whole) AS commitments_usd,
    core.excess(deposits_usd, is_whole) AS deposits_usd,
    CASE
        WHEN to_year IS NOT NULL THEN 'contributions of several years together'
        WHEN bool_and(is_whole) THEN 'cumulative contributions only'
        ELSE 'larger contributions since the start than by year'
    END AS reason,
    max(known_from) FILTER (is_whole) AS known_from,
    'USD' AS currency
FROM compared
GROUP BY fund_code, contributor, from_year, to_year
HAVING bool_or(is_whole)
    AND (
        bool_and(is_whole)
        OR core.holds_more(commitments_usd, is_whole, known_from)
        OR core.holds_more(deposits_usd, is_whole, known_from)
    );

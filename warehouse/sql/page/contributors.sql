-- Each contributor: what it committed and deposited, over all funds and years that are known, and what
-- lists of contributors show more.
WITH given AS (
    SELECT
        contributor,
        any_value(contributor_fund_code) AS contributor_fund_code,
        count(*) FILTER (fund_code <> '(all)') AS funds,
        sum(commitments_usd) AS commitments_usd,
        sum(deposits_usd) AS deposits_usd,
        core.rate_pct(
            sum(deposits_usd) FILTER (commitments_usd IS NOT NULL),
            sum(commitments_usd) FILTER (deposits_usd IS NOT NULL)
        ) AS deposit_rate_pct,
        min(first_year) AS first_year,
        max(last_year) AS last_year
    FROM mart.contributor_fund
    GROUP BY contributor
),
-- What lists of contributors show of all funds together.
listed AS (
    SELECT contributor, commitments_usd AS listed_commitments, deposits_usd AS listed_deposits
    FROM core.contribution_cumulative_snapshot
    WHERE fund_code = '(all)' AND from_year = 0 AND to_year = 0 AND no_longer_shown_since IS NULL
    QUALIFY rank() OVER (PARTITION BY contributor ORDER BY known_from DESC) = 1
),
compared AS (
    SELECT
        *,
        coalesce(listed_commitments, 0) - coalesce(commitments_usd, 0) AS more_commitments,
        coalesce(listed_deposits, 0) - coalesce(deposits_usd, 0) AS more_deposits,
        (coalesce(funds, 0) + 1) / 2 AS rounding
    FROM (SELECT contributor FROM given UNION SELECT contributor FROM mart.contributor_year)
    LEFT JOIN given USING (contributor)
    LEFT JOIN listed USING (contributor)
)
SELECT
    contributor,
    contributor_fund_code,
    coalesce(funds, 0) AS funds,
    commitments_usd,
    deposits_usd,
    deposit_rate_pct,
    first_year,
    last_year,
    nullif(
        concat_ws(
            '; ',
            if(
                more_commitments > rounding,
                format(
                    'US$ {:,} of commitments that only the list of contributors shows',
                    more_commitments::BIGINT
                ),
                NULL
            ),
            if(
                more_deposits > rounding,
                format(
                    'US$ {:,} of deposits that only the list of contributors shows',
                    more_deposits::BIGINT
                ),
                NULL
            )
        ),
        ''
    ) AS not_covered
FROM compared
WHERE contributor BETWEEN $first AND $last
ORDER BY deposits_usd DESC NULLS LAST, contributor;

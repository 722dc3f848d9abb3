-- Each contributor: what it committed and deposited, over all funds and years that are known, and what
-- lists of contributors show more.
WITH given AS (
    SELECT
        contributor,
        any_value(contributor_fund_code) AS contributor_fund_code,
        count(*) AS figures,
        count(*) FILTER (fund_code <> '(all)') AS funds,
        sum(commitments_usd) AS commitments_usd,
        sum(deposits_usd) AS deposits_usd,
        core.rate_of_sums(deposits_usd, commitments_usd) AS deposit_rate_pct,
        min(first_year) AS first_year,
        max(last_year) AS last_year
    FROM mart.contributor_fund
    GROUP BY contributor
),
-- What lists show of all funds together: since the start, or in all years.
listed AS (
    SELECT
        contributor,
        greatest(
            sum(commitments_usd) FILTER (fiscal_year IS NULL),
            sum(commitments_usd) FILTER (fiscal_year IS NOT NULL)
        ) AS commitments_listed,
        greatest(
            sum(deposits_usd) FILTER (fiscal_year IS NULL),
            sum(deposits_usd) FILTER (fiscal_year IS NOT NULL)
        ) AS deposits_listed
    FROM core.listed_contributions()
    GROUP BY contributor
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
            core.listed_alone(commitments_listed, commitments_usd, figures, 'commitments'),
            core.listed_alone(deposits_listed, deposits_usd, figures, 'deposits')
        ),
        ''
    ) AS not_covered
FROM (SELECT contributor FROM given UNION SELECT contributor FROM mart.contributor_year)
LEFT JOIN given USING (contributor)
LEFT JOIN listed USING (contributor)
WHERE contributor BETWEEN $first AND $last
ORDER BY deposits_usd DESC NULLS LAST, contributor;

-- mart.contributor_fund: What each contributor committed and deposited to each fund, over all years
-- Where contributions since the start are known, they count, and those by year are not added to them;
-- unless those by year are newer and hold more. `(all)` as a fund or a contributor is left out where they
-- are named.
-- contributor_fund_code: Fund that the contributor is, by the link of a row or by the name that the fund's page printed; NULL for others
-- fund_name: Name of the fund, as its page printed it last; NULL where no page of it is known
-- commitments_usd [US$]: Its commitments to the fund; NULL where what counts shows none
-- deposits_usd [US$]: Its deposits
-- deposit_rate_pct [percent]: Deposits over commitments, of the contributions that show both
-- first_year: First year with a contribution; NULL where no years are known
-- last_year: Last year with one
-- counted: What the amounts are: the sum of the `years`, or the contribution `since the start`
-- known_from [UTC]: When the newest of the amounts was first shown
-- source_url: URL of the capture that first showed it
-- captured_at [UTC]: When that was
-- not_covered: What lists of contributors show more of the contributor than all of its rows here; NULL where there is nothing
-- currency: Currency of every amount in the row
CREATE OR REPLACE VIEW mart.contributor_fund AS
WITH whole AS (
    FROM core.contribution_cumulative_snapshot
    WHERE from_year = 0 AND to_year = 0 AND no_longer_shown_since IS NULL
    QUALIFY rank() OVER (PARTITION BY fund_code, contributor ORDER BY known_from DESC) = 1
),
years AS (
    SELECT
        fund_code,
        contributor,
        sum(commitments_usd) AS commitments_usd,
        sum(deposits_usd) AS deposits_usd,
        core.rate_of_sums(deposits_usd, commitments_usd) AS deposit_rate_pct,
        min(fiscal_year) AS first_year,
        max(fiscal_year) AS last_year,
        count(*) AS figures,
        max(known_from) AS known_from,
        max_by(capture_id, (known_from, capture_id)) AS capture_id
    FROM mart.contribution_current
    GROUP BY fund_code, contributor
),
judged AS (
    SELECT
        fund_code,
        contributor,
        y.first_year,
        y.last_year,
        w.known_from IS NOT NULL AND NOT coalesce(
            y.known_from > w.last_seen
            AND (
                y.deposits_usd - w.deposits_usd > (y.figures + 1) / 2
                OR y.commitments_usd - w.commitments_usd > (y.figures + 1) / 2
            ),
            false
        ) AS is_whole,
        CASE WHEN is_whole THEN w.commitments_usd ELSE y.commitments_usd END AS commitments_usd,
        CASE WHEN is_whole THEN w.deposits_usd ELSE y.deposits_usd END AS deposits_usd,
        CASE
            WHEN is_whole THEN core.rate_pct(w.deposits_usd, w.commitments_usd)
            ELSE y.deposit_rate_pct
        END
            AS deposit_rate_pct,
        CASE WHEN is_whole THEN w.known_from ELSE y.known_from END AS known_from,
        CASE WHEN is_whole THEN w.capture_id ELSE y.capture_id END AS capture_id
    FROM whole AS w
    FULL JOIN years AS y USING (fund_code, contributor)
),
counting AS (
    FROM judged
    QUALIFY NOT (
        fund_code = '(all)' AND bool_or(fund_code <> '(all)') OVER (PARTITION BY contributor)
        OR contributor = '(all)'
        AND bool_or(contributor <> '(all)') OVER (PARTITION BY fund_code)
    )
),
summed AS (
    SELECT
        contributor,
        count(*) AS figures,
        coalesce(sum(commitments_usd), 0) AS commitments_usd,
        coalesce(sum(deposits_usd), 0) AS deposits_usd
    FROM counting
    GROUP BY contributor
),
of_funds AS (
    SELECT
        contributor,
        fiscal_year,
        sum(commitments_usd) AS commitments_usd,
        sum(deposits_usd) AS deposits_usd
    FROM mart.contribution_current
    WHERE fund_code <> '(all)'
    GROUP BY contributor, fiscal_year
),
-- What lists show since the start, and what they show more of years than funds do.
listed AS (
    SELECT
        contributor,
        max(l.commitments_usd) FILTER (fiscal_year IS NULL) AS commitments_usd,
        max(l.deposits_usd) FILTER (fiscal_year IS NULL) AS deposits_usd,
        coalesce(sum(f.commitments_usd), 0) AS commitments_of_years,
        coalesce(sum(f.deposits_usd), 0) AS deposits_of_years,
        sum(
            CASE
                WHEN fiscal_year IS NULL THEN 0
                ELSE greatest(l.commitments_usd - coalesce(f.commitments_usd, 0), 0)
            END
        ) AS more_commitments,
        sum(
            CASE
                WHEN fiscal_year IS NULL THEN 0
                ELSE greatest(l.deposits_usd - coalesce(f.deposits_usd, 0), 0)
            END
        ) AS more_deposits
    FROM core.listed_contributions() AS l
    FULL JOIN of_funds AS f USING (contributor, fiscal_year)
    GROUP BY contributor
),
-- Contributions since the start may hold what lists show more of years.
left_out AS (
    SELECT
        contributor,
        nullif(
            concat_ws(
                '; ',
                core.listed_alone(
                    greatest(
                        l.commitments_usd,
                        least(s.commitments_usd, commitments_of_years) + more_commitments
                    ),
                    s.commitments_usd, figures, 'commitments'
                ),
                core.listed_alone(
                    greatest(
                        l.deposits_usd, least(s.deposits_usd, deposits_of_years) + more_deposits
                    ),
                    s.deposits_usd, figures, 'deposits'
                )
            ),
            ''
        ) AS not_covered
    FROM summed AS s
    JOIN listed AS l USING (contributor)
)
SELECT
    j.contributor,
    g.contributor_fund_code,
    j.fund_code,
    f.fund_name,
    j.commitments_usd,
    j.deposits_usd,
    j.deposit_rate_pct,
    j.first_year,
    j.last_year,
    CASE WHEN j.is_whole THEN 'since the start' ELSE 'years' END AS counted,
    j.known_from,
    c.url AS source_url,
    c.captured_at,
    o.not_covered,
    'USD' AS currency
FROM counting AS j
JOIN raw.capture AS c USING (capture_id)
LEFT JOIN left_out AS o ON o.contributor = j.contributor
LEFT JOIN core.fund_names() AS f ON f.fund_code = j.fund_code
LEFT JOIN core.contributor_funds() AS g ON g.contributor = j.contributor;

-- Return the newest contributions that lists of contributors show without a fund, by year; those since
-- the start have no year.
CREATE OR REPLACE MACRO core.listed_contributions() AS TABLE
WITH shown AS (
    SELECT contributor, fiscal_year, known_from, commitments_usd, deposits_usd
    FROM core.contribution_snapshot
    WHERE fund_code = '(all)' AND no_longer_shown_since IS NULL
    UNION ALL
    SELECT contributor, NULL, known_from, commitments_usd, deposits_usd
    FROM core.contribution_cumulative_snapshot
    WHERE fund_code = '(all)' AND from_year = 0 AND to_year = 0 AND no_longer_shown_since IS NULL
)
FROM shown
QUALIFY rank() OVER (PARTITION BY contributor, fiscal_year ORDER BY known_from DESC) = 1;

-- Say how much more of a measure lists show than a sum of so many figures, each rounded by itself.
CREATE OR REPLACE MACRO core.listed_alone(listed, summed, figures, measure) AS
    CASE
        WHEN coalesce(listed, 0) - coalesce(summed, 0) > (figures + 1) / 2
            THEN format(
                'US$ {:,} of {} that only the list of contributors shows',
                (coalesce(listed, 0) - coalesce(summed, 0))::BIGINT, measure
            )
    END;

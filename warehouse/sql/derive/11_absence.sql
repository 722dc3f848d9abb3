-- Find the times over which a figure was gone: from the first capture after it was shown whose table
-- of that kind was read in full and lacked it, until it shows a measure again. A row of dashes keeps
-- its place, so nothing is gone by it; but it brings no figure back.
-- reads: changed_subject, segment, figure_shown, observed.figure_table
-- writes: vintage.absence

DELETE FROM vintage.absence WHERE programme_id IN (FROM changed_subject);

INSERT INTO vintage.absence BY NAME
WITH full_table AS (
    SELECT s.about AS programme_id, t.by_year, t.by_organization, s.first_at AS gone_at
    FROM segment AS s
    JOIN observed.figure_table AS t USING (parse_key)
    WHERE t.read_in_full
),
shown AS (
    SELECT
        programme_id,
        organization,
        fiscal_year,
        fiscal_year IS NOT NULL AS by_year,
        organization <> '(all)' AS by_organization,
        max(last_at) OVER so_far AS until,
        lead(first_at) OVER later AS next_at,
        first_value(if(any_measure IS NULL, NULL, first_at) IGNORE NULLS) OVER later AS back_at
    FROM figure_shown
    WINDOW
        so_far AS (
            PARTITION BY programme_id, organization, fiscal_year
            ORDER BY first_at ROWS UNBOUNDED PRECEDING
        ),
        later AS (
            PARTITION BY programme_id, organization, fiscal_year
            ORDER BY first_at ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        )
)
SELECT
    s.programme_id, s.organization, s.fiscal_year, s.back_at, min(t.gone_at) AS gone_at
FROM shown AS s
ASOF JOIN full_table AS t
    ON t.programme_id = s.programme_id
    AND t.by_year = s.by_year
    AND t.by_organization = s.by_organization
    AND t.gone_at > s.until
WHERE coalesce(t.gone_at < s.next_at, true)
GROUP BY ALL;

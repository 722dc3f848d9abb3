-- Find the times over which a figure was gone. Each source, pages or the API, is judged by itself: from
-- the first capture after it showed the figure whose table of that kind was read in full and lacked
-- it, until it shows a measure again. A figure that both have shown is gone while it is gone from
-- both. A row of dashes keeps its place, so nothing is gone by it; but it brings no figure back.
-- Most figures are in every full table since they appeared: only the others are followed.
-- reads: segment, figure_shown, observed.figure_table
-- writes: vintage.absence

INSERT INTO vintage.absence BY NAME
WITH full_table AS (
    SELECT
        s.about AS programme_id, s.from_api, t.by_year, t.by_organization,
        coalesce(t.fiscal_year, 0) AS of_year,
        s.first_at AS gone_at
    FROM segment AS s
    JOIN observed.figure_table AS t USING (parse_key)
    WHERE t.read_in_full
),
by_source AS (
    SELECT programme_id, organization, fiscal_year, first_at, last_at, any_measure,
        false AS from_api
    FROM figure_shown
    WHERE by_page
    UNION ALL
    SELECT programme_id, organization, fiscal_year, first_at, last_at, any_measure,
        true AS from_api
    FROM figure_shown
    WHERE by_api
),
first_shown AS (
    SELECT programme_id, organization, fiscal_year, from_api, min(first_at) AS first_at
    FROM by_source
    GROUP BY ALL
),
lacked AS (
    SELECT DISTINCT f.programme_id, f.organization, f.fiscal_year
    FROM first_shown AS f
    JOIN full_table AS t
        ON t.programme_id = f.programme_id
        AND t.from_api = f.from_api
        AND t.by_year = (f.fiscal_year IS NOT NULL)
        AND t.by_organization = (f.organization <> '(all)')
        AND t.of_year = if(f.from_api, coalesce(f.fiscal_year, 0), 0)
        AND t.gone_at > f.first_at
    ANTI JOIN by_source AS s
        ON s.programme_id = f.programme_id
        AND s.organization = f.organization
        AND s.fiscal_year IS NOT DISTINCT FROM f.fiscal_year
        AND s.from_api = f.from_api
        AND s.first_at = t.gone_at
),
shown AS (
    SELECT
        s.programme_id,
        s.organization,
        s.fiscal_year,
        s.from_api,
        s.first_at,
        s.fiscal_year IS NOT NULL AS by_year,
        s.organization <> '(all)' AS by_organization,
        if(s.from_api, coalesce(s.fiscal_year, 0), 0) AS of_year,
        max(s.last_at) OVER so_far AS until,
        lead(s.first_at) OVER later AS next_at,
        first_value(if(s.any_measure IS NULL, NULL, s.first_at) IGNORE NULLS) OVER later AS back_at
    FROM by_source AS s
    SEMI JOIN lacked AS l
        ON l.programme_id = s.programme_id
        AND l.organization = s.organization
        AND l.fiscal_year IS NOT DISTINCT FROM s.fiscal_year
    WINDOW
        so_far AS (
            PARTITION BY s.programme_id, s.organization, s.fiscal_year, s.from_api
            ORDER BY s.first_at ROWS UNBOUNDED PRECEDING
        ),
        later AS (
            PARTITION BY s.programme_id, s.organization, s.fiscal_year, s.from_api
            ORDER BY s.first_at ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        )
),
gone AS (
    SELECT
        s.programme_id, s.organization, s.fiscal_year, s.from_api, s.back_at,
        min(t.gone_at) AS gone_at
    FROM shown AS s
    ASOF JOIN full_table AS t
        ON t.programme_id = s.programme_id
        AND t.from_api = s.from_api
        AND t.by_year = s.by_year
        AND t.by_organization = s.by_organization
        AND t.of_year = s.of_year
        AND t.gone_at > s.until
    WHERE coalesce(t.gone_at < s.next_at, true)
    GROUP BY ALL
),
in_both AS (
    SELECT programme_id, organization, fiscal_year
    FROM first_shown
    GROUP BY ALL
    HAVING count(*) > 1
),
-- Of a figure that both have shown, the time before a source showed it first counts as gone.
missing AS (
    SELECT programme_id, organization, fiscal_year, from_api, NULL AS gone_at, first_at AS back_at
    FROM first_shown
    UNION ALL BY NAME
    FROM gone
)
SELECT programme_id, organization, fiscal_year, gone_at, back_at
FROM gone
ANTI JOIN in_both AS b
    ON b.programme_id = gone.programme_id
    AND b.organization = gone.organization
    AND b.fiscal_year IS NOT DISTINCT FROM gone.fiscal_year
UNION ALL BY NAME
SELECT
    p.programme_id, p.organization, p.fiscal_year,
    greatest(p.gone_at, a.gone_at) AS gone_at,
    least(p.back_at, a.back_at) AS back_at
FROM missing AS p
JOIN missing AS a
    ON a.programme_id = p.programme_id
    AND a.organization = p.organization
    AND a.fiscal_year IS NOT DISTINCT FROM p.fiscal_year
    AND a.from_api
    AND NOT p.from_api
SEMI JOIN in_both AS b
    ON b.programme_id = p.programme_id
    AND b.organization = p.organization
    AND b.fiscal_year IS NOT DISTINCT FROM p.fiscal_year
WHERE greatest(p.gone_at, a.gone_at) IS NOT NULL
    AND coalesce(greatest(p.gone_at, a.gone_at) < least(p.back_at, a.back_at), true);

-- mart.revision_triangle: Expenditure of each year, as it was known at the end of it and of later years
-- Age 0 is 31 December of the year itself, age 1 a year later, and so on; the last is as far as captures
-- reach in their last year.
-- Only figures that were known by then, the newest vintage of each.
-- age_years [years]: Years since the end of the fiscal year
-- known_by [UTC]: The moment: the end of that year, or of what was seen in it
-- programmes [programmes]: Programmes with an expenditure of the year by then
-- expenditure_usd [US$]: Their expenditure as it was known then
-- interim_usd [US$]: The part of it that was interim then
-- year_end_usd [US$]: The part of it that was year-end then
-- not_covered: Programmes that the sums leave out now (mart.not_covered_year), of those known then; NULL where there are none
CREATE OR REPLACE VIEW mart.revision_triangle AS
WITH span AS (
    SELECT max(greatest(last_seen, no_longer_shown_since)) AS seen_until
    FROM core.expenditure_snapshot
),
cell AS (
    SELECT
        fiscal_year,
        age AS age_years,
        make_timestamp(fiscal_year + age + 1, 1, 1, 0, 0, 0) AS year_end,
        least(year_end, seen_until) AS known_by
    FROM (SELECT DISTINCT fiscal_year FROM core.expenditure_snapshot)
    CROSS JOIN span
    CROSS JOIN range(0, year(seen_until) - fiscal_year + 1) AS a (age)
),
-- The newest vintage at each age at which a newer one was known, and the age of the one after it.
newest AS (
    SELECT
        programme_id,
        organization,
        fiscal_year,
        greatest(year(known_from) - fiscal_year, 0) AS from_age,
        lead(from_age) OVER (
            PARTITION BY programme_id, organization, fiscal_year ORDER BY from_age
        ) AS until_age,
        arg_max_null(basis, known_from) AS basis,
        arg_max_null(expenditure_usd, known_from) AS expenditure_usd
    FROM core.expenditure_snapshot
    GROUP BY programme_id, organization, fiscal_year, from_age
),
known AS (
    SELECT c.*, v.programme_id, v.organization, v.basis, v.expenditure_usd
    FROM cell AS c
    JOIN newest AS v
        ON v.fiscal_year = c.fiscal_year
        AND v.from_age <= c.age_years
        AND coalesce(v.until_age > c.age_years, true)
    ANTI JOIN vintage.absence AS a
        ON a.programme_id = v.programme_id
        AND a.organization = v.organization
        AND a.fiscal_year = v.fiscal_year
        AND vintage.is_gone(a.gone_at, a.back_at, c.year_end - INTERVAL 1 SECOND)
),
named AS (
    FROM known
    QUALIFY organization <> '(all)' OR NOT bool_or(organization <> '(all)') OVER (
        PARTITION BY age_years, programme_id, fiscal_year
    )
),
left_out AS (
    SELECT
        c.fiscal_year, c.age_years, core.not_covered(n.programme_id, n.reason) AS not_covered
    FROM cell AS c
    JOIN mart.not_covered_year AS n
        ON n.fiscal_year = c.fiscal_year
        AND n.known_from < c.year_end
    GROUP BY c.fiscal_year, c.age_years
)
SELECT
    n.fiscal_year,
    n.age_years,
    n.known_by,
    count(DISTINCT n.programme_id) AS programmes,
    sum(n.expenditure_usd) AS expenditure_usd,
    coalesce(sum(n.expenditure_usd) FILTER (n.basis = 'interim'), 0) AS interim_usd,
    coalesce(sum(n.expenditure_usd) FILTER (n.basis = 'year_end'), 0) AS year_end_usd,
    any_value(l.not_covered) AS not_covered
FROM named AS n
LEFT JOIN left_out AS l USING (fiscal_year, age_years)
WHERE n.expenditure_usd IS NOT NULL
GROUP BY n.fiscal_year, n.age_years, n.known_by;

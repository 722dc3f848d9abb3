-- mart.not_covered: What sums by year leave out, programme by programme
-- A programme with figures since its start only is left out in the years of its dates, up to the newest
-- capture; where no page shows its start, from the first year on of which its fund has figures.
-- Programmes of which no figure is known are in meta.coverage.
-- organization: The organization; `(all)` where what is left out names none
-- years: Calendar years whose sums leave it out
-- transfers_usd [US$]: Transfers that are left out: what the figures hold more than those that count
-- net_funded_usd [US$]: Net funded amount that is left out; transfers less refunds where that is not shown
-- expenditure_usd [US$]: Expenditure that is left out
-- reason: Cumulative figures only (none by year); larger figures since the start than by year; (all) rows that organizations do not add up to; figures that are no longer shown (nor is another of the year)
-- known_from [UTC]: When what is left out was first shown
-- source_url: URL of the page that first showed it
-- captured_at [UTC]: Capture time of that page
-- currency: Currency of every amount in the row
CREATE OR REPLACE VIEW mart.not_covered AS
-- Programmes without figures since the start, without `(all)` and without figures that are gone leave
-- nothing out.
WITH newest AS (
    SELECT
        v.programme_id, v.organization, v.fiscal_year,
        max(v.known_from) AS newest_from,
        max(v.known_from) FILTER (v.basis = 'year_end') AS final_from
    FROM vintage.figure AS v
    SEMI JOIN (
        FROM vintage.figure
        WHERE fiscal_year IS NULL OR organization = '(all)' OR no_longer_shown_since IS NOT NULL
    ) AS o
        ON o.programme_id = v.programme_id
    GROUP BY v.programme_id, v.organization, v.fiscal_year
),
figure AS (
    SELECT v.*
    FROM vintage.figure AS v
    JOIN newest AS n
        ON n.programme_id = v.programme_id
        AND n.organization = v.organization
        AND n.fiscal_year IS NOT DISTINCT FROM v.fiscal_year
        AND coalesce(n.final_from, n.newest_from) = v.known_from
        AND CASE WHEN n.final_from IS NULL THEN 'interim' ELSE 'year_end' END = v.basis
),
shown AS (
    SELECT
        -- A table of transfers without net funded amounts leaves none of them out.
        * REPLACE (
            coalesce(net_funded_usd, transfers_usd - coalesce(refunds_usd, 0)) AS net_funded_usd
        ),
        core.is_finest(organization, programme_id, fiscal_year) AS counts
    FROM figure
    WHERE no_longer_shown_since IS NULL
),
side AS (
    -- Figures since the start beside those by year; where one of a programme's names no organization,
    -- they are compared as a whole. And `(all)` of a year beside the organizations of that year.
    SELECT
        * REPLACE (
            CASE
                WHEN bool_or(organization = '(all)') OVER (PARTITION BY programme_id) THEN '(all)'
                ELSE organization
            END AS organization
        ),
        fiscal_year IS NULL AS is_whole
    FROM shown
    WHERE counts
    UNION ALL BY NAME
    SELECT
        * REPLACE ('(all)' AS organization), NOT counts AS is_whole, fiscal_year AS beside_year
    FROM shown
    WHERE fiscal_year IS NOT NULL
),
held AS (
    SELECT
        programme_id,
        organization,
        beside_year,
        coalesce(list(DISTINCT fiscal_year) FILTER (NOT is_whole), []) AS years,
        core.excess(transfers_usd, is_whole) AS transfers_usd,
        core.excess(net_funded_usd, is_whole) AS net_funded_usd,
        core.excess(expenditure_usd, is_whole) AS expenditure_usd,
        max(known_from) FILTER (is_whole) AS known_from,
        max_by(capture_id, (known_from, capture_id)) FILTER (is_whole) AS capture_id
    FROM side
    GROUP BY programme_id, organization, beside_year
    HAVING bool_or(is_whole)
        AND (
            bool_and(is_whole)
            OR core.holds_more(transfers_usd, is_whole, known_from)
            OR core.holds_more(net_funded_usd, is_whole, known_from)
            OR core.holds_more(expenditure_usd, is_whole, known_from)
        )
),
begun AS (
    SELECT p.fund_code, min(f.first_year) AS fund_first_year
    FROM (
        SELECT programme_id, min(fiscal_year) AS first_year
        FROM vintage.figure
        WHERE no_longer_shown_since IS NULL
        GROUP BY programme_id
    ) AS f
    JOIN mart.programme_current AS p USING (programme_id)
    WHERE p.fund_code IS NOT NULL
    GROUP BY p.fund_code
),
spanned AS (
    SELECT
        h.*,
        least(core.last_year(p.start_date, p.end_date), n.newest_year) AS last_year,
        least(coalesce(year(p.start_date), b.fund_first_year, last_year), last_year) AS first_year,
        list_filter(
            range(first_year, last_year + 1), lambda y: NOT list_contains(h.years, y)
        ) AS missing
    FROM held AS h
    CROSS JOIN (
        SELECT year(max(captured_at)) AS newest_year FROM raw.capture WHERE state = 'loaded'
    ) AS n
    LEFT JOIN mart.programme_current AS p ON p.programme_id = h.programme_id
    LEFT JOIN begun AS b ON b.fund_code = p.fund_code
    WHERE h.beside_year IS NULL
),
left_out AS (
    SELECT
        *,
        CASE
            WHEN len(missing) > 0 THEN missing
            ELSE range(first_year, last_year + 1)
        END AS left_out_years,
        CASE
            WHEN len(years) = 0 THEN 'cumulative figures only'
            ELSE 'larger figures since the start than by year'
        END AS reason
    FROM spanned
    UNION ALL BY NAME
    SELECT
        *,
        [beside_year] AS left_out_years,
        '(all) rows that organizations do not add up to' AS reason
    FROM held
    WHERE beside_year IS NOT NULL
    UNION ALL BY NAME
    SELECT
        *, [fiscal_year] AS left_out_years, 'figures that are no longer shown' AS reason
    FROM figure
    WHERE fiscal_year IS NOT NULL
    QUALIFY bool_and(no_longer_shown_since IS NOT NULL) OVER (PARTITION BY programme_id, fiscal_year)
)
SELECT
    l.programme_id,
    p.title,
    p.fund_code,
    p.fund_name,
    p.country,
    p.country_code,
    p.country_name,
    l.organization,
    array_to_string(l.left_out_years, ', ') AS years,
    l.reason,
    l.transfers_usd,
    l.net_funded_usd,
    l.expenditure_usd,
    l.known_from,
    c.url AS source_url,
    c.captured_at,
    'USD' AS currency
FROM left_out AS l
LEFT JOIN mart.programme_current AS p USING (programme_id)
JOIN raw.capture AS c ON c.capture_id = l.capture_id;

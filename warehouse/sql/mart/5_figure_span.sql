-- mart.figure_span: The times over which each annual figure was shown, with its value
-- At a moment, the rows with shown_from up to it and shown_until later or NULL are those of mart.as_of.
-- A figure that vanished and came back has a row for each time; `(all)` has those at which no
-- organization was named.
-- shown_from [UTC]: When it was first known that the figure was shown so
-- shown_until [UTC]: When it was known that it was not any longer; NULL if it still is
-- source_url: URL of the page that first showed this vintage
CREATE OR REPLACE VIEW mart.figure_span AS
-- Outside of broken years a vintage is shown until the next one.
WITH shown AS (
    SELECT s.programme_id, s.organization, s.fiscal_year, s.known_from
    FROM core.expenditure_snapshot AS s
    SEMI JOIN vintage.broken_years() AS b
        ON b.programme_id = s.programme_id AND b.fiscal_year = s.fiscal_year
),
event AS (
    SELECT programme_id, fiscal_year, known_from AS shown_from FROM shown
    UNION
    SELECT programme_id, fiscal_year, unnest([gone_at, back_at])
    FROM vintage.absence
    WHERE fiscal_year IS NOT NULL
),
figure AS (
    SELECT DISTINCT programme_id, organization, fiscal_year FROM shown
),
moment AS (
    SELECT f.programme_id, f.organization, f.fiscal_year, e.shown_from
    FROM figure AS f
    JOIN event AS e USING (programme_id, fiscal_year)
    WHERE e.shown_from IS NOT NULL
),
present AS (
    SELECT m.*, CASE WHEN a.gone_at IS NULL THEN v.known_from END AS known_from
    FROM moment AS m
    ASOF LEFT JOIN shown AS v
        ON v.programme_id = m.programme_id
        AND v.organization = m.organization
        AND v.fiscal_year = m.fiscal_year
        AND v.known_from <= m.shown_from
    LEFT JOIN vintage.absence AS a
        ON a.programme_id = m.programme_id
        AND a.organization = m.organization
        AND a.fiscal_year = m.fiscal_year
        AND vintage.is_gone(a.gone_at, a.back_at, m.shown_from)
),
finest AS (
    SELECT * REPLACE (
        CASE
            WHEN organization = '(all)'
                AND bool_or(known_from IS NOT NULL AND organization <> '(all)') OVER (
                    PARTITION BY programme_id, fiscal_year, shown_from
                )
                THEN NULL
            ELSE known_from
        END AS known_from
    )
    FROM present
),
step AS (
    FROM finest
    QUALIFY known_from IS DISTINCT FROM lag(known_from) OVER (
        PARTITION BY programme_id, organization, fiscal_year ORDER BY shown_from
    )
),
span AS (
    SELECT
        *,
        lead(shown_from) OVER (
            PARTITION BY programme_id, organization, fiscal_year ORDER BY shown_from
        ) AS shown_until
    FROM step
),
spanned AS (
    SELECT
        v.*,
        v.known_from AS shown_from,
        lead(v.known_from) OVER (
            PARTITION BY v.programme_id, v.organization, v.fiscal_year ORDER BY v.known_from
        ) AS shown_until
    FROM core.expenditure_snapshot AS v
    LEFT JOIN vintage.broken_years() AS b
        ON b.programme_id = v.programme_id AND b.fiscal_year = v.fiscal_year
    WHERE b.programme_id IS NULL
    UNION ALL
    SELECT v.*, s.shown_from, s.shown_until
    FROM span AS s
    JOIN core.expenditure_snapshot AS v
        USING (programme_id, organization, fiscal_year, known_from)
)
SELECT
    s.programme_id,
    p.title,
    p.fund_code,
    p.fund_name,
    p.country,
    p.country_code,
    p.status,
    s.* EXCLUDE (programme_id, last_seen, no_longer_shown_since, shown_from, shown_until),
    'USD' AS currency,
    c.url AS source_url,
    c.captured_at,
    s.shown_from,
    s.shown_until
FROM spanned AS s
LEFT JOIN mart.programme_current AS p ON p.programme_id = s.programme_id
JOIN raw.capture AS c ON c.capture_id = s.capture_id;

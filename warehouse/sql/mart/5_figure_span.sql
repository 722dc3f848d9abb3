-- mart.figure_span: The times over which each annual figure was shown, with its value
-- At a moment, the rows with shown_from up to it and shown_until later or NULL are those of mart.as_of.
-- A figure that vanished and came back has a row for each time; `(all)` has those at which no
-- organization was named.
-- shown_from [UTC]: When it was first known that the figure was shown so
-- shown_until [UTC]: When it was known that it was not any longer; NULL if it still is
CREATE OR REPLACE VIEW mart.figure_span AS
WITH event AS (
    SELECT programme_id, fiscal_year, known_from AS shown_from FROM core.expenditure_snapshot
    UNION
    SELECT programme_id, fiscal_year, unnest([gone_at, back_at])
    FROM vintage.absence
    WHERE fiscal_year IS NOT NULL
),
figure AS (
    SELECT DISTINCT programme_id, organization, fiscal_year FROM core.expenditure_snapshot
),
moment AS (
    SELECT f.programme_id, f.organization, f.fiscal_year, e.shown_from
    FROM figure AS f
    JOIN event AS e USING (programme_id, fiscal_year)
    WHERE e.shown_from IS NOT NULL
),
present AS (
    SELECT m.*, if(a.gone_at IS NULL, v.known_from, NULL) AS known_from
    FROM moment AS m
    ASOF LEFT JOIN core.expenditure_snapshot AS v
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
        if(
            organization = '(all)'
                AND bool_or(known_from IS NOT NULL AND organization <> '(all)') OVER (
                    PARTITION BY programme_id, fiscal_year, shown_from
                ),
            NULL, known_from
        ) AS known_from
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
)
SELECT v.* EXCLUDE (last_seen, no_longer_shown_since), s.shown_from, s.shown_until
FROM span AS s
JOIN mart.expenditure_vintage AS v USING (programme_id, organization, fiscal_year, known_from);

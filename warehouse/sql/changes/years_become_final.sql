-- Expenditure that was interim until some runs saw it as year-end, by fiscal year. `(all)` counts
-- only for years for which no organization is named.
WITH named AS (
    FROM vintage.figure
    WHERE fiscal_year IS NOT NULL
        AND programme_id IN (
            SELECT f.programme_id FROM vintage.figure AS f SEMI JOIN run_capture USING (capture_id)
        )
    QUALIFY core.is_finest(organization, programme_id, fiscal_year)
),
followed AS (
    SELECT
        *,
        lag(basis) OVER (
            PARTITION BY programme_id, organization, fiscal_year ORDER BY known_from
        ) AS basis_before
    FROM named
)
SELECT
    fiscal_year,
    count(DISTINCT programme_id) AS programmes,
    count(*) AS figures,
    sum(expenditure_usd) AS expenditure_usd
FROM followed
SEMI JOIN run_capture USING (capture_id)
WHERE basis = 'year_end' AND basis_before = 'interim'
GROUP BY fiscal_year
ORDER BY fiscal_year;

-- A figure's year is one in which the programme ran. After its end only corrections are expected:
-- expenditure that is negative or nothing.
WITH dated AS (
    SELECT programme_id, max_by(start_date, known_from) AS start_date,
        max_by(end_date, known_from) AS end_date
    FROM core.programme
    SEMI JOIN changed_subject ON about = programme_id
    GROUP BY programme_id
)
SELECT
    concat_ws(', ', f.programme_id, f.organization, f.fiscal_year) AS subject,
    f.programme_id,
    f.organization,
    f.fiscal_year,
    f.capture_id,
    coalesce(f.fiscal_year >= year(d.start_date), true)
    AND coalesce(f.fiscal_year <= year(d.end_date) OR f.expenditure_usd <= 0, true) AS passed,
    if(f.fiscal_year < year(d.start_date), year(d.start_date), year(d.end_date)) AS expected,
    f.fiscal_year AS actual,
    0 AS tolerance
FROM current_figure AS f
JOIN dated AS d USING (programme_id)
WHERE f.fiscal_year IS NOT NULL
    AND f.expenditure_usd <> 0
    AND (d.start_date IS NOT NULL OR d.end_date IS NOT NULL)

-- Find what decides the basis besides the time: a programme's status and end date, as known at each
-- time from whatever page. An end before the start decides nothing: one of the two is wrong.
-- reads: evidence, shown_body, shown_programme
-- writes: status_so_far

CREATE OR REPLACE TEMP TABLE status_so_far AS
WITH observed AS (
    SELECT
        e.about,
        e.captured_at,
        max_by(b.status, e.parse_key) AS status,
        max_by(p.start_date, e.parse_key) AS start_date,
        max_by(p.end_date, e.parse_key) AS end_date
    FROM evidence AS e
    JOIN shown_body AS b USING (parse_key)
    LEFT JOIN shown_programme AS p USING (parse_key)
    WHERE e.subject = 'programme'
    GROUP BY e.about, e.captured_at
)
SELECT
    about,
    captured_at,
    {
        'status': last_value(status IGNORE NULLS) OVER so_far,
        'last_year': core.last_year(
            last_value(start_date IGNORE NULLS) OVER so_far,
            last_value(end_date IGNORE NULLS) OVER so_far
        )
    } AS status_so_far
FROM observed
WINDOW so_far AS (PARTITION BY about ORDER BY captured_at ROWS UNBOUNDED PRECEDING);

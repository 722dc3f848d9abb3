-- Find what decides the basis besides the time: a programme's status and end date, as known at each
-- time from whatever page.
-- reads: evidence, shown_body, shown_programme
-- writes: status_so_far

CREATE OR REPLACE TEMP TABLE status_so_far AS
WITH observed AS (
    SELECT
        e.about,
        e.captured_at,
        max_by(b.status, e.body_sha256) AS status,
        max_by(p.end_date, e.body_sha256) AS end_date
    FROM evidence AS e
    JOIN shown_body AS b USING (body_sha256)
    LEFT JOIN shown_programme AS p USING (body_sha256)
    WHERE e.subject = 'programme'
    GROUP BY e.about, e.captured_at
)
SELECT
    about,
    captured_at,
    {
        'status': last_value(status IGNORE NULLS) OVER so_far,
        'end_date': last_value(end_date IGNORE NULLS) OVER so_far
    } AS status_so_far
FROM observed
WINDOW so_far AS (PARTITION BY about ORDER BY captured_at ROWS UNBOUNDED PRECEDING);

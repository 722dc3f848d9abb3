-- Carry each field of a programme's identity forward from the newest earlier segment that shows it.
-- Of two bodies of one second that contradict each other, the greater SHA-256 counts. The status that
-- decides the basis (seen_status) counts even where the rest of the block is in quarantine.
-- reads: segment, shown_body, shown_programme
-- writes: identity

CREATE OR REPLACE TEMP TABLE identity AS
WITH shown AS (
    SELECT
        s.about AS programme_id,
        s.first_at,
        max_by(COLUMNS(o.* EXCLUDE (parse_key)), s.parse_key),
        max_by(b.status, s.parse_key) AS seen_status,
        max_by(s.capture_id, (s.parse_key, s.capture_id)) FILTER (o.parse_key IS NOT NULL)
            AS capture_id
    FROM segment AS s
    JOIN shown_body AS b ON b.parse_key = s.parse_key
    LEFT JOIN shown_programme AS o ON o.parse_key = s.parse_key
    WHERE s.subject = 'programme'
    GROUP BY s.about, s.first_at
)
SELECT
    programme_id,
    first_at,
    capture_id,
    last_value(COLUMNS(* EXCLUDE (programme_id, first_at, capture_id)) IGNORE NULLS) OVER so_far
FROM shown
WINDOW so_far AS (PARTITION BY programme_id ORDER BY first_at ROWS UNBOUNDED PRECEDING);

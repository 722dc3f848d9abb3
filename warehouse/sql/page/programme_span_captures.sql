-- The captures that first showed what was known of a programme's figures on some day.
SELECT DISTINCT s.programme_id, s.source_url, s.captured_at, c.body_sha256, s.capture_id
FROM mart.figure_span AS s
JOIN raw.capture AS c USING (capture_id)
WHERE s.programme_id BETWEEN $first AND $last
ORDER BY s.programme_id, s.captured_at, s.capture_id;

-- Every time that a page of the programme was seen.
SELECT programme_id, captured_at, url, http_status, state, body_sha256, capture_id
FROM raw.capture
WHERE programme_id BETWEEN $first AND $last
ORDER BY programme_id, captured_at DESC, capture_id;

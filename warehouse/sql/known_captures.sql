-- Every capture that counts, is forgotten or was erased, with the newest order about it.
WITH archived AS (
    SELECT capture_id, body_sha256, url, captured_at, source, captured_at_source, run_id
    FROM raw.capture
    UNION ALL
    SELECT capture_id, body_sha256, url, captured_at, source, captured_at_source, run_id
    FROM raw.forgotten
)
SELECT
    capture_id,
    coalesce(a.body_sha256, o.body_sha256) AS body_sha256,
    o.action,
    a.url,
    a.captured_at,
    a.source,
    a.captured_at_source,
    a.run_id
FROM archived AS a
FULL JOIN raw.forget_order AS o USING (capture_id)

-- List the captures of a batch that are forgotten, and no longer those that were restored.
-- reads: new_capture, raw.forget_order, raw.forgotten
-- writes: raw.forgotten
DELETE FROM raw.forgotten
WHERE capture_id IN (SELECT capture_id FROM new_capture)
    AND capture_id IN (SELECT capture_id FROM raw.forget_order WHERE action = 'restore');

INSERT INTO raw.forgotten BY NAME
SELECT
    capture_id, parse_key, unchanged, url, source, captured_at, captured_at_source, body_sha256,
    body_bytes, cut_short, run_id, warc_file, warc_offset
FROM new_capture
SEMI JOIN (FROM raw.forget_order WHERE action <> 'restore') AS o USING (capture_id)
ANTI JOIN raw.forgotten AS f USING (capture_id);

-- Load the quarantined rows of a batch's bodies that were staged from an older file.
-- reads: staged_quarantine, new_capture, raw.capture
-- writes: meta.quarantine
INSERT INTO meta.quarantine BY NAME
SELECT
    s.* EXCLUDE (capture_id),
    min_by(c.capture_id, (c.captured_at, c.capture_id)) AS capture_id
FROM staged_quarantine AS s
JOIN raw.capture AS c USING (parse_key)
WHERE parse_key IN (SELECT parse_key FROM new_capture)
    AND s.quarantine_id NOT IN (SELECT quarantine_id FROM meta.quarantine)
GROUP BY ALL;

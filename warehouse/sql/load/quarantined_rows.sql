-- Quarantine single rows of loaded pages, once for each body, with the first capture that shows it.
-- reads: new_quarantine, raw.capture
-- writes: meta.quarantine
DELETE FROM meta.quarantine
WHERE resolved_at IS NOT NULL AND quarantine_id IN (SELECT quarantine_id FROM new_quarantine);

INSERT INTO meta.quarantine BY NAME
SELECT n.*, NULL::TIMESTAMP AS resolved_at, min_by(c.capture_id, (c.captured_at, c.capture_id)) AS capture_id
FROM new_quarantine AS n
JOIN raw.capture AS c USING (parse_key)
WHERE n.quarantine_id NOT IN (SELECT quarantine_id FROM meta.quarantine)
GROUP BY ALL;

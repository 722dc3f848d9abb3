-- Everything in quarantine, oldest capture first.
SELECT q.quarantine_id, q.rule, q.message, q.table_name, q.stood_at, q.row_text, c.programme_id,
    c.url, c.captured_at, q.capture_id, q.parse_key, q.parser_version
FROM meta.quarantine AS q
JOIN raw.capture AS c USING (capture_id)
WHERE q.resolved_at IS NULL
ORDER BY c.captured_at, q.capture_id, q.table_name, q.stood_at

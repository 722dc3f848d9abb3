-- From when to when bodies were captured that captures in `asked` show, and of which anything is in
-- quarantine; NULL if nothing is.
SELECT
    min(coalesce(b.first_at, TIMESTAMP '0001-01-01')) AS first_at,
    max(coalesce(b.last_at, TIMESTAMP '9999-12-31')) AS last_at
FROM meta.quarantine AS q
SEMI JOIN asked AS a ON a.parse_key = q.parse_key
LEFT JOIN vintage.page_body AS b ON b.parse_key = q.parse_key
WHERE q.resolved_at IS NULL

-- Headings, tables and lines that nobody knows, with an example of each.
SELECT
    c.page_kind,
    f.kind,
    CASE WHEN f.kind = 'unknown_heading' THEN split_part(f.detail, ':', 1) ELSE f.detail[:60] END
        AS text,
    count(*) AS captures,
    max_by(c.url, (c.captured_at, c.capture_id)) AS example
FROM meta.finding AS f
JOIN raw.capture AS c USING (capture_id)
WHERE f.kind IN ('unknown_heading', 'unknown_table', 'unknown_line', 'unread_text')
GROUP BY ALL
ORDER BY captures DESC, page_kind, text
LIMIT 20

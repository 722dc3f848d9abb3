-- The newest of some captures from the site, by URL: what it is, or why it is none.
SELECT
    c.url,
    arg_max(c.page_kind, (c.captured_at, c.capture_id)),
    arg_max(c.state, (c.captured_at, c.capture_id)),
    arg_max_null(b.refused_rule, (c.captured_at, c.capture_id))
FROM raw.capture AS c
LEFT JOIN observed.body AS b USING (parse_key)
WHERE c.source = 'gateway' AND c.captured_at BETWEEN $first AND $last
    AND c.capture_id IN (SELECT unnest(string_split($captures, ' ')))
GROUP BY c.url

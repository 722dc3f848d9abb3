-- The rows, as printed, and the body of the newest of some captured answers of the API, by URL.
SELECT c.url, arg_max(a.rows_printed, (c.captured_at, c.capture_id)), arg_max(c.body_sha256, (c.captured_at, c.capture_id))
FROM raw.capture AS c
JOIN observed.answer AS a USING (parse_key)
WHERE c.source = 'gateway' AND c.state = 'loaded'
    AND c.captured_at BETWEEN $first AND $last
    AND c.capture_id IN (SELECT unnest(string_split($captures, ' ')))
GROUP BY c.url

-- The URLs of some captures from the site that broke off when they were captured last.
SELECT c.url
FROM raw.capture AS c
JOIN observed.body AS b USING (parse_key)
WHERE c.source = 'gateway' AND c.captured_at BETWEEN $first AND $last
    AND c.capture_id IN (SELECT unnest(string_split($captures, ' ')))
GROUP BY c.url
HAVING arg_max(b.cut_short IS NOT NULL, (c.captured_at, c.capture_id))
ORDER BY c.url

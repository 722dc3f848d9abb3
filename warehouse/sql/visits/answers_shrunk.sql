-- Captured answers of the API that lost most of the rows of the one before.
WITH answer AS (
    SELECT
        c.url,
        c.captured_at BETWEEN $first AND $last
            AND c.capture_id IN (SELECT unnest(string_split($captures, ' '))) AS now,
        arg_max(a.rows_printed, (c.captured_at, c.capture_id)) AS printed
    FROM raw.capture AS c
    JOIN observed.answer AS a USING (parse_key)
    WHERE c.source = 'gateway' AND c.state = 'loaded'
    GROUP BY ALL
)
SELECT n.url, n.printed, e.printed
FROM answer AS n
JOIN answer AS e ON e.url = n.url AND NOT e.now
WHERE n.now AND n.printed < 0.5 * e.printed
ORDER BY n.url

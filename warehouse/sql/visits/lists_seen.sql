-- Each list (its pages are one address, but for the query) as some runs saw it: rows read, rows that
-- it says there are, and the rows read by the last run before them that read it. A fund's page says how
-- many programmes it has; its contributors are no rows of that list.
WITH page AS (
    SELECT
        split_part(c.url, '?', 1) AS list_url,
        c.run_id IN (SELECT unnest(string_split($runs, ' '))) AS now,
        c.run_id,
        c.url,
        arg_max(c.page_kind, (c.captured_at, c.capture_id)) AS page_kind,
        arg_max(c.parse_key, (c.captured_at, c.capture_id)) AS parse_key,
        max(c.captured_at) AS captured_at
    FROM raw.capture AS c
    WHERE c.source = 'gateway' AND c.state = 'loaded'
        AND c.page_kind IN ('portfolio_list', 'fund_factsheet')
    GROUP BY ALL
),
-- The pages as the runs have them, and as the last run before them that read the list.
compared AS (
    FROM page
    QUALIFY now
        OR run_id = arg_max(run_id, (captured_at, run_id)) FILTER (NOT now) OVER (PARTITION BY list_url)
),
visit AS (
    SELECT
        p.list_url,
        p.now,
        count(l.parse_key)::BIGINT AS rows_read,
        max(b.rows_in_all) AS rows_in_all
    FROM compared AS p
    JOIN observed.body AS b USING (parse_key)
    LEFT JOIN observed.listing AS l
        ON l.parse_key = p.parse_key
        AND (l.listed <> 'contributors' OR p.page_kind = 'portfolio_list')
    GROUP BY ALL
)
SELECT v.list_url, v.rows_read, v.rows_in_all, e.rows_read AS rows_before
FROM visit AS v
LEFT JOIN visit AS e ON e.list_url = v.list_url AND NOT e.now
WHERE v.now
ORDER BY v.list_url

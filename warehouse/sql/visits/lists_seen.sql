-- Each list (its pages are one address, but for the query) as some runs saw it: rows read, rows that
-- it says there are, and the rows read by the last run before them that read it. A fund's page says how
-- many programmes it has; its contributors are no rows of that list.
WITH page AS (
    SELECT
        split_part(c.url, '?', 1) AS list_url,
        c.run_id IN (SELECT unnest(string_split($runs, ' '))) AS now,
        c.run_id,
        c.url,
        arg_max(c.page_kind, c.captured_at) AS page_kind,
        arg_max(c.parse_key, c.captured_at) AS parse_key,
        max(c.captured_at) AS captured_at
    FROM raw.capture AS c
    WHERE c.source = 'gateway' AND c.state = 'loaded'
        AND c.page_kind IN ('portfolio_list', 'fund_factsheet')
    GROUP BY ALL
),
visit AS (
    SELECT
        p.list_url,
        p.now,
        if(p.now, '', p.run_id) AS visit,
        max(p.captured_at) AS captured_at,
        count(l.parse_key)::BIGINT AS rows_read,
        max(b.rows_in_all) AS rows_in_all
    FROM page AS p
    JOIN observed.body AS b USING (parse_key)
    LEFT JOIN observed.listing AS l
        ON l.parse_key = p.parse_key
        AND (l.listed <> 'contributors' OR p.page_kind = 'portfolio_list')
    GROUP BY ALL
),
earlier AS (
    SELECT list_url, arg_max(rows_read, captured_at) AS rows_before
    FROM visit
    WHERE NOT now
    GROUP BY list_url
)
SELECT v.list_url, v.rows_read, v.rows_in_all, e.rows_before
FROM visit AS v
LEFT JOIN earlier AS e USING (list_url)
WHERE v.now
ORDER BY v.list_url

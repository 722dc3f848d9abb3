-- Every programme ever listed or seen, those whose factsheet was seen longest ago first.
WITH listed AS (
    SELECT
        o.programme_id AS key,
        arg_max(o.url, (c.last_at, o.seq)) AS address,
        arg_max(c.url, (c.last_at, o.seq)) AS page,
        arg_max(c.fund_code, (c.last_at, o.seq)) AS fund_code
    FROM observed.listing AS o
    JOIN vintage.page_body AS c USING (parse_key)
    WHERE c.state = 'loaded' AND o.programme_id IS NOT NULL
    GROUP BY o.programme_id
),
seen AS (
    SELECT
        programme_id AS key,
        max(last_at) AS seen_at,
        arg_max(url, last_at) FILTER (source = 'gateway') AS seen_url
    FROM vintage.page_body
    WHERE state = 'loaded' AND page_kind IN ('programme_factsheet', 'programme_page')
        AND programme_id IS NOT NULL
    GROUP BY programme_id
),
-- A failure counts until a later run has captured a page of the programme.
troubled AS (
    SELECT f.programme_id
    FROM meta.failure AS f
    JOIN meta.run AS r USING (run_id)
    LEFT JOIN (
        SELECT c.programme_id, max(had.started_at) AS had_at
        FROM raw.capture AS c
        JOIN meta.run AS had USING (run_id)
        WHERE c.source = 'gateway' AND c.programme_id IS NOT NULL
        GROUP BY c.programme_id
    ) AS c ON c.programme_id = f.programme_id
    WHERE r.command LIKE 'sync%'
    GROUP BY f.programme_id
    HAVING coalesce(max(r.started_at) >= max(c.had_at), true)
)
SELECT key, address, page, seen_at, seen_url, coalesce(p.fund_code, listed.fund_code), p.status,
    key IN (FROM troubled) AS failed
FROM listed
FULL JOIN seen USING (key)
LEFT JOIN mart.programme_current AS p ON p.programme_id = key
ORDER BY seen_at NULLS FIRST, key

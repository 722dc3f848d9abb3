-- The programmes and funds of which some list says something that no list said when their own page was
-- seen last. A row counts wherever it stands, since rows move between the pages of a list. A row that
-- is gone says nothing; one that no list had then counts as new.
-- Only captures since a time are compared: a subject not seen since then has had its turn.
WITH listed AS (
    SELECT url, captured_at, capture_id, parse_key
    FROM raw.capture
    WHERE source = 'gateway' AND state = 'loaded' AND captured_at >= $since
        AND page_kind IN ('portfolio_list', 'fund_factsheet', 'fund_page', 'api_answer')
),
begun AS (
    FROM listed
    QUALIFY parse_key IS DISTINCT FROM lag(parse_key) OVER (
        PARTITION BY url ORDER BY captured_at, capture_id
    )
),
shown AS (
    SELECT
        parse_key,
        captured_at AS first_at,
        lead(captured_at, 1, 'infinity'::TIMESTAMP) OVER (
            PARTITION BY url ORDER BY captured_at, capture_id
        ) AS until
    FROM begun
),
seen AS (
    SELECT programme_id AS key, seen_at FROM vintage.known_programmes() WHERE seen_at IS NOT NULL
    UNION ALL
    SELECT fund_code, max(last_at)
    FROM vintage.page_body
    WHERE source = 'gateway' AND state = 'loaded' AND page_kind = 'fund_page'
        AND fund_code IS NOT NULL
    GROUP BY fund_code
),
said AS (
    SELECT
        coalesce(o.programme_id, o.fund_code) AS key,
        hash(o.name, o.details) AS what,
        s.until = 'infinity' AS now,
        s.first_at <= k.seen_at AND s.until > k.seen_at AS by_then
    FROM observed.listing AS o
    JOIN shown AS s USING (parse_key)
    JOIN seen AS k ON k.key = coalesce(o.programme_id, o.fund_code)
    WHERE o.programme_id IS NOT NULL OR o.listed = 'funds'
)
SELECT DISTINCT key
FROM (
    SELECT key
    FROM said
    GROUP BY key, what
    HAVING bool_or(now) AND NOT bool_or(by_then)
)

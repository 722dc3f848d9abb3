-- Every fund ever listed or seen, with where it was listed last and where its page was seen last.
WITH listed AS (
    SELECT
        o.fund_code AS key,
        arg_max(o.url, (c.last_at, o.seq)) AS address,
        arg_max(c.url, (c.last_at, o.seq)) AS page
    FROM observed.listing AS o
    JOIN vintage.page_body AS c USING (parse_key)
    WHERE c.state = 'loaded' AND o.listed = 'funds' AND o.fund_code IS NOT NULL
    GROUP BY o.fund_code
),
seen AS (
    SELECT
        fund_code AS key,
        max(last_at) AS seen_at,
        arg_max(url, last_at) AS seen_url,
        arg_max(page_kind, last_at) AS page_kind
    FROM vintage.page_body
    WHERE state = 'loaded' AND page_kind IN ('fund_factsheet', 'fund_page')
        AND fund_code IS NOT NULL
    GROUP BY fund_code
)
SELECT key, address, page, seen_at, seen_url, key AS fund_code, NULL::VARCHAR AS status, false AS failed,
    coalesce(page_kind = 'fund_factsheet', true)
FROM listed
FULL JOIN seen USING (key)
ORDER BY seen_at NULLS FIRST, key

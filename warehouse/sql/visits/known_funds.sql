-- Every fund ever listed or seen, with where it was listed last and where the site showed its page last.
-- A page that broke off has failed.
WITH listed AS (
    SELECT
        o.fund_code AS key,
        arg_max(o.url, (c.last_at, o.seq, c.url)) AS address,
        arg_max(c.url, (c.last_at, o.seq, c.url)) FILTER (o.url IS NOT NULL) AS page
    FROM observed.listing AS o
    JOIN vintage.page_body AS c USING (parse_key)
    WHERE c.state = 'loaded' AND o.listed = 'funds' AND o.fund_code IS NOT NULL
    GROUP BY o.fund_code
),
seen AS (
    SELECT
        p.fund_code AS key,
        max(p.last_at) FILTER (p.source = 'gateway') AS seen_at,
        arg_max(p.url, (p.last_at, p.url)) FILTER (p.source = 'gateway') AS seen_url,
        arg_max(p.page_kind, (p.last_at, p.url)) FILTER (p.source = 'gateway') AS page_kind,
        arg_max(b.cut_short IS NOT NULL, (p.last_at, p.url)) FILTER (p.source = 'gateway') AS failed
    FROM vintage.page_body AS p
    JOIN observed.body AS b USING (parse_key)
    WHERE p.state = 'loaded' AND p.page_kind IN ('fund_factsheet', 'fund_page')
        AND p.fund_code IS NOT NULL
    GROUP BY p.fund_code
)
SELECT
    key, address, page, seen_at, seen_url, key AS fund_code, NULL::VARCHAR AS status,
    coalesce(failed, false), coalesce(page_kind = 'fund_factsheet', true)
FROM listed
FULL JOIN seen USING (key)
ORDER BY seen_at NULLS FIRST, key

-- Return every programme ever listed or seen: where it was listed last, and when and where the site
-- showed its own page last. A saved file or a web archive's capture is no visit: it may lack figures or
-- pages that the site has.
CREATE OR REPLACE MACRO vintage.known_programmes() AS TABLE
WITH listed AS (
    SELECT
        o.programme_id,
        arg_max(o.url, (c.last_at, o.seq, c.url)) AS address,
        arg_max(c.url, (c.last_at, o.seq, c.url)) FILTER (o.url IS NOT NULL) AS page,
        arg_max(c.fund_code, (c.last_at, o.seq, c.url)) AS listed_fund_code
    FROM observed.listing AS o
    JOIN vintage.page_body AS c USING (parse_key)
    WHERE c.state = 'loaded' AND o.programme_id IS NOT NULL
    GROUP BY o.programme_id
),
seen AS (
    SELECT
        programme_id,
        max(last_at) FILTER (source = 'gateway') AS seen_at,
        arg_max(url, (last_at, url)) FILTER (source = 'gateway') AS seen_url,
        arg_max(page_kind, (last_at, url)) FILTER (source = 'gateway') AS page_kind
    FROM vintage.page_body
    WHERE state = 'loaded' AND page_kind IN ('programme_factsheet', 'programme_page')
        AND programme_id IS NOT NULL
    GROUP BY programme_id
)
FROM listed FULL JOIN seen USING (programme_id);

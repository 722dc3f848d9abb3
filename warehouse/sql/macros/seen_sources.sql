-- Return the captures that say something of organizations or contributions: API answers, and pages with
-- a table of contributors. `url` is that of vintage.page_of(), `of_fund` the fund of a row that names
-- none; `is_whole` is an answer's, as a page says table by table what it shows in full. A page of which
-- the URL asks for an earlier month counts not at all: its contributions may be of that month or of the
-- day. Nor does a 304 whose validator came with other contributions too.
CREATE OR REPLACE MACRO vintage.seen_sources() AS TABLE
WITH page AS (
    SELECT
        c.url, c.captured_at, c.capture_id, c.parse_key, c.page_kind,
        b.contributions_digest AS digest,
        CASE WHEN c.subject = 'fund' THEN c.fund_code ELSE '(all)' END AS of_fund,
        false AS from_api,
        false AS is_whole,
        CASE WHEN c.source = 'gateway' THEN c.http_status END AS status,
        coalesce(c.etag, c.last_modified) AS validator,
        b.cut_short
    FROM raw.capture AS c
    JOIN observed.body AS b USING (parse_key)
    WHERE c.state = 'loaded'
        AND c.subject IN ('fund', 'list')
        AND c.statement_month IS NULL
        AND b.contributions_digest IS NOT NULL
),
stale AS (
    SELECT url, validator
    FROM page
    WHERE status = 200 AND validator IS NOT NULL AND cut_short IS NULL
    GROUP BY url, validator
    HAVING count(DISTINCT digest) > 1
)
SELECT p.* EXCLUDE (status, validator, cut_short) REPLACE (vintage.page_of(p.url) AS url)
FROM page AS p
ANTI JOIN stale AS s
    ON s.url = p.url AND p.status = 304 AND coalesce(p.validator, s.validator) = s.validator
UNION ALL BY NAME
SELECT
    vintage.page_of(url) AS url, captured_at, capture_id, parse_key, page_kind,
    parse_key AS digest, '(all)' AS of_fund, true AS from_api, is_whole
FROM vintage.seen_answers();

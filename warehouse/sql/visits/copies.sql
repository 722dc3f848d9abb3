-- The newest loaded page of every URL whose validators can be trusted. A factsheet without its tables
-- is requested in full, since the same version may have them; so is a page that was cut short. So is
-- one that another page of the factsheet, sent in full since, contradicts: a 304 for it may be wrong.
-- Of two pages of one second, the one that was cut short counts as the newer. Pages that the site sent
-- last before a time are left out, and requested in full.
WITH cut AS (
    SELECT parse_key FROM observed.body WHERE cut_short IS NOT NULL
),
sent AS (
    SELECT url, max(captured_at) AS captured_at
    FROM raw.capture
    WHERE source = 'gateway' AND state = 'loaded' AND http_status = 200 AND captured_at >= $since
    GROUP BY url
),
newest AS (
    SELECT
        url, etag, last_modified, body_sha256, parse_key, body_bytes, captured_at,
        CASE WHEN page_kind = 'programme_factsheet' THEN programme_id END AS programme_id
    FROM raw.capture
    SEMI JOIN sent USING (url, captured_at)
    WHERE source = 'gateway' AND state = 'loaded' AND http_status = 200 AND captured_at >= $since
    QUALIFY rank() OVER (PARTITION BY url ORDER BY parse_key IN (FROM cut) DESC, capture_id) = 1
),
figured AS (
    SELECT n.url, n.captured_at, n.programme_id, b.figures_digest
    FROM newest AS n
    JOIN observed.body AS b USING (parse_key)
    WHERE b.cut_short IS NULL
),
contradicted AS (
    SELECT n.url
    FROM figured AS n
    JOIN figured AS since
        ON since.programme_id = n.programme_id
        AND since.figures_digest <> n.figures_digest
        AND since.captured_at > n.captured_at
)
SELECT n.url, n.etag, n.last_modified, n.body_sha256, n.body_bytes, n.captured_at
FROM newest AS n
ANTI JOIN meta.lying_validator AS l ON l.url = n.url
ANTI JOIN (FROM observed.page_link WHERE rel = 'view') AS v ON v.parse_key = n.parse_key
ANTI JOIN contradicted AS c ON c.url = n.url
ANTI JOIN cut AS t ON t.parse_key = n.parse_key
WHERE n.etag IS NOT NULL OR n.last_modified IS NOT NULL

-- The captures that count, of what is touched. A page that was said to be unchanged (304) at an
-- address whose validator is known to have stayed while the page changed is no evidence of anything.

CREATE OR REPLACE TEMP TABLE evidence AS
WITH loaded AS (
    SELECT capture_id, programme_id, fund_code, subject, captured_at, body_sha256, url,
        source = 'gateway' AND http_status = 304 AS said_unchanged,
        CASE
            WHEN source = 'gateway' AND http_status = 200 THEN coalesce(etag, last_modified)
        END AS validator
    FROM raw.capture
    WHERE state = 'loaded'
        AND (
            subject = 'programme' AND programme_id IN (FROM touched)
            OR subject = 'fund' AND fund_code IN (FROM touched_fund)
        )
),
lying AS (
    SELECT DISTINCT l.url
    FROM loaded AS l
    JOIN observed.body AS b USING (body_sha256)
    WHERE l.validator IS NOT NULL
    GROUP BY l.url, l.validator
    HAVING count(DISTINCT b.content_digest) > 1
)
SELECT * EXCLUDE (url, said_unchanged, validator)
FROM loaded
WHERE NOT said_unchanged OR url NOT IN (FROM lying);

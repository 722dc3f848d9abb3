-- The captures that count, of what is touched. A page that was said to be unchanged (304) by a
-- validator which is known to have stayed while the page changed is no evidence of anything. A
-- factsheet that came without its tables is no change: that happens to pages of the same version.

CREATE OR REPLACE TEMP TABLE evidence AS
WITH loaded AS (
    SELECT
        capture_id, programme_id, fund_code, subject, captured_at, body_sha256, url,
        if(source = 'gateway', http_status, NULL) AS status,
        coalesce(etag, last_modified) AS validator
    FROM raw.capture
    WHERE state = 'loaded'
        AND (
            subject = 'programme' AND programme_id IN (FROM touched)
            OR subject = 'fund' AND fund_code IN (FROM touched_fund)
        )
),
lying AS (
    SELECT l.url, l.validator
    FROM loaded AS l
    JOIN observed.body AS b USING (body_sha256)
    ANTI JOIN (FROM observed.page_link WHERE rel = 'view') AS v USING (body_sha256)
    WHERE l.status = 200 AND l.validator IS NOT NULL
    GROUP BY l.url, l.validator
    HAVING count(DISTINCT b.content_digest) > 1
)
SELECT e.* EXCLUDE (url, status, validator)
FROM loaded AS e
ANTI JOIN lying AS l
    ON l.url = e.url AND e.status = 304 AND coalesce(e.validator, l.validator) = l.validator;

-- The newest page that was loaded of every address, where its validators can be believed. A factsheet
-- that came without its tables is asked for in full: the same version may have them. So is one that
-- another page of the programme's factsheet, sent in full since, contradicts: what says that it has
-- not changed may not tell the truth.
WITH newest AS (
    SELECT
        c.url, c.etag, c.last_modified, c.body_sha256, c.body_bytes, c.captured_at,
        CASE WHEN b.page_kind = 'programme_factsheet' THEN b.programme_id END AS programme_id,
        b.figures_digest
    FROM raw.capture AS c
    JOIN observed.body AS b USING (body_sha256)
    WHERE c.source = 'gateway' AND c.state = 'loaded' AND c.http_status = 200
    QUALIFY row_number() OVER (PARTITION BY c.url ORDER BY c.captured_at DESC, c.capture_id) = 1
)
SELECT n.url, n.etag, n.last_modified, n.body_sha256, n.body_bytes, n.captured_at
FROM newest AS n
ANTI JOIN meta.lying_validator AS l ON l.url = n.url
ANTI JOIN (FROM observed.page_link WHERE rel = 'view') AS v ON v.body_sha256 = n.body_sha256
ANTI JOIN newest AS since
    ON since.programme_id = n.programme_id
    AND since.figures_digest <> n.figures_digest
    AND since.captured_at > n.captured_at
WHERE n.etag IS NOT NULL OR n.last_modified IS NOT NULL

-- The newest page that was loaded of every address, where its validators can be believed. A factsheet
-- that came without its tables is asked for in full: the same version may have them.
SELECT c.url, c.etag, c.last_modified, c.body_sha256, c.body_bytes, c.captured_at
FROM raw.capture AS c
ANTI JOIN meta.lying_validator AS l ON l.url = c.url
ANTI JOIN (FROM observed.page_link WHERE rel = 'view') AS v ON v.body_sha256 = c.body_sha256
WHERE c.source = 'gateway' AND c.state = 'loaded' AND c.http_status = 200
QUALIFY row_number() OVER (PARTITION BY c.url ORDER BY c.captured_at DESC, c.capture_id) = 1
    AND (c.etag IS NOT NULL OR c.last_modified IS NOT NULL)

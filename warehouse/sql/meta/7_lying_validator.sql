-- meta.lying_validator: URLs whose ETag or Last-Modified stayed though the page changed
-- A 304 that relies on such a validator is no evidence: those captures are ignored, and
-- the URL is requested without conditions from then on.
-- validator: The ETag, else the Last-Modified, that came with different contents
-- contents [contents]: How many different contents came with it
CREATE OR REPLACE VIEW meta.lying_validator AS
SELECT
    c.url,
    coalesce(c.etag, c.last_modified) AS validator,
    count(DISTINCT b.content_digest) AS contents
FROM raw.capture AS c
JOIN observed.body AS b USING (parse_key)
ANTI JOIN (FROM observed.page_link WHERE rel = 'view') AS v USING (parse_key)
WHERE c.source = 'gateway'
    AND c.state = 'loaded'
    AND c.http_status = 200
    AND b.cut_short IS NULL  -- the same version may be whole another time
    AND coalesce(c.etag, c.last_modified) IS NOT NULL
GROUP BY ALL
HAVING contents > 1;

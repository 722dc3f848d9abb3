-- Where does a figure come from?
-- The row names the URL, the time of the request and the SHA-256 of the response. The publisher's archive
-- has these bytes; you can compare them with the same page in a web archive.
SELECT e.expenditure_usd, e.basis, c.url, c.captured_at, c.captured_at_source, c.body_sha256
FROM mart.expenditure_current AS e
JOIN raw.capture AS c USING (capture_id)
WHERE e.programme_id = '00060115' AND e.organization = 'DPPA' AND e.fiscal_year = 2015;

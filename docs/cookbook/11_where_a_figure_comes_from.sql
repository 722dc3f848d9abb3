-- Where does one figure come from?
-- The address, the time at which it was asked for, and the SHA-256 of the bytes that it answered. They are
-- in the archive of whoever publishes this release; the same page in a web archive can be held against them.
SELECT e.expenditure_usd, e.basis, c.url, c.captured_at, c.captured_at_source, c.body_sha256
FROM mart.expenditure_current AS e
JOIN raw.capture AS c USING (capture_id)
WHERE e.programme_id = '00060115' AND e.organization = 'DPPA' AND e.fiscal_year = 2015;

-- Note which bodies each URL shows, and from when to when, in a warehouse in which nothing is derived yet.
-- reads: raw.capture
-- writes: vintage.page_body
INSERT INTO vintage.page_body BY NAME
SELECT
    url, parse_key, source, state, page_kind, subject, programme_id, fund_code,
    min(captured_at) AS first_at, max(captured_at) AS last_at,
    min(captured_at) FILTER (NOT unchanged) AS archived_at
FROM raw.capture
GROUP BY ALL;

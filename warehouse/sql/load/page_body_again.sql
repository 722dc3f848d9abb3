-- Note anew, of some bodies, which URLs show them, and from when to when.
-- reads: changed_body, raw.capture
-- writes: vintage.page_body
DELETE FROM vintage.page_body WHERE parse_key IN (SELECT parse_key FROM changed_body);

INSERT INTO vintage.page_body BY NAME
SELECT
    url, parse_key, source, state, page_kind, subject, programme_id, fund_code,
    min(captured_at) AS first_at, max(captured_at) AS last_at,
    min(captured_at) FILTER (NOT unchanged) AS archived_at
FROM raw.capture
WHERE parse_key IN (SELECT parse_key FROM changed_body)
GROUP BY ALL;

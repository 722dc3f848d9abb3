-- Note which bodies the URLs of the new captures show, and from when to when.
-- reads: arrived, vintage.page_body
-- writes: page_body_now, vintage.page_body
CREATE OR REPLACE TEMP TABLE page_body_now AS
WITH shown AS (
    SELECT
        url, parse_key, source, state, page_kind, subject, programme_id, fund_code,
        captured_at AS first_at, captured_at AS last_at,
        if(unchanged, NULL, captured_at) AS archived_at
    FROM arrived
    UNION ALL BY NAME
    SELECT b.* FROM vintage.page_body AS b SEMI JOIN arrived AS a USING (url, parse_key)
)
SELECT
    url, parse_key, source, state, page_kind, subject, programme_id, fund_code,
    min(first_at) AS first_at, max(last_at) AS last_at, min(archived_at) AS archived_at
FROM shown
GROUP BY ALL;

DELETE FROM vintage.page_body
WHERE (url, parse_key) IN (SELECT (url, parse_key) FROM page_body_now);

INSERT INTO vintage.page_body BY NAME FROM page_body_now;

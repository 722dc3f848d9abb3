-- mart.fund_status_current: The newest Funding Status of every fund, line by line
-- The one that stood last: a month's statement at its as_of, one without a month as long as the fund's
-- page showed it. A statement of an earlier month that is captured later is not it.
-- name: The fund's name, as its page printed it last
-- currency: Currency of every amount in the row
-- source_url: URL of the page that first showed this statement
-- captured_at [UTC]: Capture time of that page
CREATE OR REPLACE VIEW mart.fund_status_current AS
WITH shown AS (
    SELECT
        c.fund_code,
        '(current)' AS statement_month,
        b.statement_digest,
        max(c.captured_at) AS last_seen
    FROM raw.capture AS c
    JOIN observed.body AS b USING (parse_key)
    WHERE c.state = 'loaded' AND c.subject = 'fund' AND c.statement_month IS NULL
    GROUP BY c.fund_code, b.statement_digest
)
SELECT s.fund_code, n.fund_name AS name, s.* EXCLUDE (fund_code), 'USD' AS currency, c.url AS source_url,
    c.captured_at
FROM core.funding_status AS s
LEFT JOIN core.fund_names() AS n ON n.fund_code = s.fund_code
JOIN raw.capture AS c ON c.capture_id = s.capture_id
JOIN observed.body AS b USING (parse_key)
LEFT JOIN shown AS l
    ON l.fund_code = s.fund_code
    AND l.statement_month = s.statement_month
    AND l.statement_digest = b.statement_digest
QUALIFY rank() OVER (
    PARTITION BY s.fund_code
    ORDER BY greatest(s.as_of, l.last_seen) DESC, s.known_from DESC, s.statement_month
) = 1;

-- mart.fund_status_current: the newest Funding Status of every fund, line by line
-- The one with the greatest as_of; a statement of an earlier month that is captured later is not it.
-- name: the fund's name, as its page says it now
-- currency: currency of every amount in the row
-- source_url: URL of the page that first showed this statement
-- captured_at [UTC]: capture time of that page
CREATE OR REPLACE VIEW mart.fund_status_current AS
WITH newest AS (
    SELECT fund_code, name
    FROM core.fund
    QUALIFY row_number() OVER (PARTITION BY fund_code ORDER BY known_from DESC) = 1
)
SELECT s.fund_code, n.name, s.* EXCLUDE (fund_code), 'USD' AS currency, c.url AS source_url,
    c.captured_at
FROM core.funding_status AS s
LEFT JOIN newest AS n USING (fund_code)
JOIN raw.capture AS c ON c.capture_id = s.capture_id
QUALIFY rank() OVER (
    PARTITION BY s.fund_code ORDER BY s.as_of DESC, s.known_from DESC, s.statement_month
) = 1;

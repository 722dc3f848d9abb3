-- mart.expenditure_vintage: Every vintage of every annual figure, with names and source beside codes
-- currency: Currency of every amount in the row
-- source_url: URL of the page that first showed this vintage
-- captured_at [UTC]: Capture time of that page
CREATE OR REPLACE VIEW mart.expenditure_vintage AS
SELECT
    e.programme_id,
    p.title,
    p.fund_code,
    p.fund_name,
    p.country,
    p.country_code,
    p.status,
    e.* EXCLUDE (programme_id),
    'USD' AS currency,
    c.url AS source_url,
    c.captured_at
FROM core.expenditure_snapshot AS e
LEFT JOIN mart.programme_current AS p USING (programme_id)
JOIN raw.capture AS c ON c.capture_id = e.capture_id;

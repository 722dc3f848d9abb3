-- mart.programme_current: The newest identity of every programme
-- source_url: URL of the page that first showed this identity
-- captured_at [UTC]: Capture time of that page
CREATE OR REPLACE VIEW mart.programme_current AS
SELECT p.*, c.url AS source_url, c.captured_at
FROM core.programme AS p
JOIN raw.capture AS c USING (capture_id)
QUALIFY rank() OVER (PARTITION BY p.programme_id ORDER BY p.known_from DESC) = 1;

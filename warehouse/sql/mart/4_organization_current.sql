-- mart.organization_current: The API's figures to quote today per agency and year, over all funds
-- Year-end before interim, then the newest vintage. Rows that the API no longer shows are left out.
-- source_url: URL of the capture that first showed these figures
-- captured_at [UTC]: When that was
-- currency: Currency of every amount in the row
CREATE OR REPLACE VIEW mart.organization_current AS
SELECT o.*, c.url AS source_url, c.captured_at, 'USD' AS currency
FROM core.organization_snapshot AS o
JOIN raw.capture AS c USING (capture_id)
WHERE o.no_longer_shown_since IS NULL
QUALIFY rank() OVER (
    PARTITION BY o.agency_code, o.organization, o.fiscal_year
    ORDER BY o.basis = 'year_end' DESC, o.known_from DESC
) = 1;

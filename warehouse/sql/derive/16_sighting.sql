-- Store the captures from which a programme or fund is derived when it is seen later: the first and the
-- last of each segment, of each status and validator. What lies between changes nothing. Where pages
-- contradict each other within the same time, or a validator is stale, every capture is stored.
-- Programmes that answers of the API show are always derived from the ledger.
-- reads: shown_page, shown_part, shown_body, page_island, stale_validator, contradiction
-- writes: vintage.sighting

INSERT INTO vintage.sighting BY NAME
WITH whole AS (
    SELECT about FROM stale_validator
    UNION
    SELECT about FROM contradiction WHERE interleaved
),
seen AS (
    SELECT p.* EXCLUDE (thinned) RENAME (status AS http_status), b.is_cut
    FROM shown_page AS p
    JOIN shown_body AS b USING (parse_key)
    ANTI JOIN shown_part AS a ON a.about = p.about
),
extreme AS (
    SELECT
        s.*,
        min(s.captured_at) OVER (PARTITION BY s.about, s.url, i.island) AS segment_from
    FROM seen AS s
    JOIN page_island AS i USING (about, url, captured_at, parse_key)
    ANTI JOIN whole USING (about)
    WINDOW alike AS (PARTITION BY s.about, s.url, i.island, s.http_status, s.validator, s.is_cut)
    QUALIFY s.captured_at = min(s.captured_at) OVER alike
        OR s.captured_at = max(s.captured_at) OVER alike
)
SELECT *, true AS thinned FROM extreme
UNION ALL BY NAME
SELECT *, captured_at AS segment_from, false AS thinned FROM seen SEMI JOIN whole USING (about);

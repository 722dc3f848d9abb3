-- Return the newest list of a kind (narrative, document) of each programme and fund. A page without
-- such a list, or one that was cut short, ends nothing.
CREATE OR REPLACE MACRO vintage.newest_list(kind_of_list) AS TABLE
WITH newest AS (
    FROM vintage.list
    WHERE kind = kind_of_list
    QUALIFY rank() OVER (PARTITION BY about ORDER BY known_from DESC) = 1
)
SELECT
    n.about,
    n.known_from,
    greatest(n.seen_until, s.last_at) AS last_seen,
    n.capture_id,
    c.url AS source_url,
    c.captured_at
FROM newest AS n
JOIN raw.capture AS c USING (capture_id)
LEFT JOIN vintage.last_shown AS s ON s.about = n.about AND s.pages = n.pages;

-- Links to more of what some bodies show, each with the address under which the body was last seen.
SELECT c.url, l.url
FROM observed.page_link AS l
JOIN (
    SELECT body_sha256, arg_max(url, (captured_at, capture_id)) AS url
    FROM raw.capture
    WHERE state = 'loaded' AND body_sha256 IN (SELECT unnest(string_split($bodies, ' ')))
    GROUP BY body_sha256
) AS c USING (body_sha256)
ORDER BY l.body_sha256, l.rel, l.seq

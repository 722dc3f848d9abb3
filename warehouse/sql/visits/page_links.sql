-- Links of some bodies to further pages of their subject, in page order.
SELECT body_sha256, list(url ORDER BY rel, seq)
FROM observed.page_link
WHERE body_sha256 IN (SELECT unnest(string_split($bodies, ' ')))
GROUP BY body_sha256

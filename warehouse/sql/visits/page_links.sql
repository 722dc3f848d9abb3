-- Links of some bodies to further pages of their subject, in page order.
SELECT parse_key, list(url ORDER BY rel, seq)
FROM observed.page_link
WHERE parse_key IN (SELECT unnest(string_split($bodies, ' ')))
GROUP BY parse_key

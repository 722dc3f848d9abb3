-- Documents that the page lists, as it was last shown.
SELECT programme_id, document_date, title, url
FROM core.document
WHERE programme_id BETWEEN $first AND $last
QUALIFY known_from = max(known_from) OVER (PARTITION BY programme_id)
ORDER BY programme_id, document_date DESC, url;

-- Documents that the page lists, as it was last shown.
SELECT programme_id, document_date, document_title, url, url_printed
FROM mart.document_current
WHERE programme_id BETWEEN $first AND $last
ORDER BY programme_id, document_date DESC, document_title, url_printed;

-- Documents that the fund's page lists, as it was last shown.
SELECT fund_code, document_date, document_title, url, url_printed
FROM mart.document_current
WHERE fund_code BETWEEN $first AND $last AND programme_id IS NULL
ORDER BY fund_code, document_date DESC, document_title, url_printed;

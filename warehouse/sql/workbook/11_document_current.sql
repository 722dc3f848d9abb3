SELECT fund_code, fund_name, programme_id, title, document_date, document_title, url, known_from,
    last_seen, source_url
FROM mart.document_current
ORDER BY fund_code, programme_id, document_title, url_printed

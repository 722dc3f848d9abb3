-- Which documents are there on a fund and its programmes?
-- `url` opens the document where the page has a web link. `programme_id` is NULL for the fund's own documents.
SELECT programme_id, document_date, document_title, url, last_seen
FROM mart.document_current
WHERE fund_code = 'CUL77'
ORDER BY programme_id NULLS FIRST, document_date DESC, document_title
LIMIT 10;

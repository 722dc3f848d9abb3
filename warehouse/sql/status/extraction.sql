-- How much of the pages was understood.
SELECT
    page_kind, representation, pages, refused, tables_read, tables_unread, unknown, known_share_pct
FROM meta.extraction
ORDER BY page_kind, representation

-- The fields that each kind of page fills, and in what share of the pages.
SELECT
    page_kind,
    field,
    sum(pages)::BIGINT AS pages,
    sum(filled)::BIGINT AS filled,
    (100 * sum(filled) / sum(pages))::DECIMAL(5, 2) AS filled_share_pct,
    sum(records)::BIGINT AS records
FROM meta.extraction_field
GROUP BY page_kind, field
ORDER BY page_kind, field

-- meta.extraction: How much of the pages was understood, by page kind and representation
-- One row for pages that were refused too. Pages are distinct bodies.
-- page_kind: Kind of the pages, decided by their content
-- representation: Representation of the pages: html, text, xlsx, csv and so on; unknown if refused
-- pages [pages]: Distinct bodies
-- refused [pages]: Of these, those that were refused
-- tables_read [tables]: Tables that were parsed
-- tables_unread [tables]: Tables without a known heading
-- known [labels]: Known labels, headings and lines, over all pages
-- unknown [labels]: Unknown labels, headings, tables and lines
-- known_share_pct [percent]: Share of known ones; NULL if there are none at all
CREATE OR REPLACE VIEW meta.extraction AS
SELECT
    page_kind,
    representation,
    count(*) AS pages,
    count(refused_rule) AS refused,
    sum(tables_read)::BIGINT AS tables_read,
    sum(tables_unread)::BIGINT AS tables_unread,
    sum(known)::BIGINT AS known,
    sum(unknown)::BIGINT AS unknown,
    (100 * sum(known) / nullif(sum(known + unknown), 0))::DECIMAL(5, 2) AS known_share_pct
FROM observed.body
GROUP BY page_kind, representation;

-- meta.extraction: how much of the pages was understood, by kind of page and by how it came
-- One row for pages that were refused too. Pages are distinct bodies.
-- page_kind: what the pages are, decided by their content
-- representation: how they came: html, text, xlsx, csv and so on; unknown if refused
-- pages [pages]: distinct bodies
-- refused [pages]: of these, the ones of which nothing could be read
-- tables_read [tables]: tables that were read
-- tables_unread [tables]: tables of which no heading is known
-- known: labels, headings and lines that are known, over all pages
-- unknown: labels, headings, tables and lines that are not
-- known_share_pct [percent]: share of the known ones in all; NULL where there is none
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

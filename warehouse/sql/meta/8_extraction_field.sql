-- meta.extraction_field: How many pages fill each field, by page kind and representation
-- What a kind of page never has is left out; a field that no page fills is there, with 0.
-- page_kind: Kind of the pages, decided by their content
-- representation: Representation of the pages: html, text, xlsx, csv and so on
-- field: A column of the identity block, or a list: figures, vouchers, documents and so on
-- pages [pages]: Distinct bodies of this kind that were parsed
-- filled [pages]: Of these, those that fill the field
-- filled_share_pct [percent]: Share of the pages that fill it
-- records [records]: Records from these pages: rows of figures, vouchers and so on
CREATE OR REPLACE VIEW meta.extraction_field AS
WITH identity AS (
    UNPIVOT (
        SELECT
            parse_key,
            count(title) AS title,
            count(description) AS description,
            count(fund_code) AS fund_code,
            count(fund_name) AS fund_name,
            count(theme) AS theme,
            count(start_date) AS start_date,
            count(end_date) AS end_date,
            count(country) AS country,
            count(status) AS status,
            count(participating_organization) AS participating_organization
        FROM observed.programme
        GROUP BY parse_key
    )
    ON COLUMNS (* EXCLUDE (parse_key))
    INTO NAME field VALUE records
),
of_fund AS (
    UNPIVOT (
        SELECT
            parse_key,
            count(name) AS name,
            count(fund_type) AS fund_type,
            count(start_date) AS start_date,
            count(end_date) AS end_date,
            count(status) AS status
        FROM observed.fund
        GROUP BY parse_key
    )
    ON COLUMNS (* EXCLUDE (parse_key))
    INTO NAME field VALUE records
),
list AS (
    SELECT parse_key, 'figures' AS field FROM observed.figure
    UNION ALL
    SELECT parse_key, 'contributions' AS field FROM observed.contribution
    UNION ALL
    SELECT parse_key, 'vouchers' AS field FROM observed.voucher
    UNION ALL
    SELECT parse_key, 'narrative' AS field FROM observed.narrative
    UNION ALL
    SELECT parse_key, 'documents' AS field FROM observed.document
    UNION ALL
    SELECT parse_key, 'contacts' AS field FROM observed.contact
    UNION ALL
    SELECT parse_key, 'statement' AS field FROM observed.statement_line
    UNION ALL
    SELECT parse_key, 'listings' AS field FROM observed.listing
),
found AS (
    SELECT parse_key, field, records FROM identity
    UNION ALL
    SELECT parse_key, field, records FROM of_fund
    UNION ALL
    SELECT parse_key, field, count(*) AS records FROM list GROUP BY parse_key, field
),
page AS (
    SELECT page_kind, representation, count(*) AS pages
    FROM observed.body
    WHERE refused_rule IS NULL
    GROUP BY page_kind, representation
),
-- A field that any page of a kind has is one that all of them could have.
possible AS (
    SELECT DISTINCT b.page_kind, f.field
    FROM found AS f
    JOIN observed.body AS b USING (parse_key)
),
filled AS (
    SELECT
        b.page_kind,
        b.representation,
        f.field,
        count(*) FILTER (f.records > 0) AS filled,
        sum(f.records)::BIGINT AS records
    FROM found AS f
    JOIN observed.body AS b USING (parse_key)
    GROUP BY b.page_kind, b.representation, f.field
)
SELECT
    page_kind,
    representation,
    field,
    pages,
    coalesce(filled, 0) AS filled,
    (100 * coalesce(filled, 0) / pages)::DECIMAL(5, 2) AS filled_share_pct,
    coalesce(records, 0) AS records
FROM page
JOIN possible USING (page_kind)
LEFT JOIN filled USING (page_kind, representation, field);

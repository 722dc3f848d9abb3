-- What a page is about: a factsheet without heading and identity, or a view of contributors that does
-- not say of whom, is about what its URL names.
CREATE OR REPLACE MACRO raw.subject_of(page_kind, subject, fund_code, address_subject) AS
    CASE
        WHEN page_kind = 'factsheet' AND address_subject IN ('programme', 'fund')
            THEN address_subject
        WHEN page_kind = 'contributors_view' AND address_subject IN ('fund', 'list')
            THEN address_subject
        WHEN page_kind = 'contributors_view' AND fund_code IS NOT NULL THEN 'fund'
        ELSE subject
    END;

-- The key of the programme or fund that a page is about, NULL of a list.
CREATE OR REPLACE MACRO raw.about_of(subject, programme_id, fund_code) AS
    CASE subject WHEN 'programme' THEN programme_id WHEN 'fund' THEN fund_code END;

-- The rule that a page breaks as a whole, NULL where it counts: it was refused, its URL says
-- another thing than its content, or neither says what the finding is about.
CREATE OR REPLACE MACRO raw.page_rule(
    refused_rule, subject, programme_id, fund_code,
    address_subject, address_programme_id, address_fund_code
) AS
    CASE
        WHEN refused_rule IS NOT NULL THEN refused_rule
        WHEN address_subject <> subject THEN 'kind_contradicts_address'
        WHEN subject = 'programme' AND address_programme_id <> programme_id
            THEN 'programme_id_contradicts_address'
        WHEN subject = 'fund' AND address_fund_code <> fund_code
            THEN 'fund_code_contradicts_address'
        WHEN subject IS NULL
            OR subject = 'programme' AND coalesce(programme_id, address_programme_id) IS NULL
            OR subject = 'fund' AND coalesce(fund_code, address_fund_code) IS NULL
            THEN 'subject_unknown'
    END;

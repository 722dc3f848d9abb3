-- What a page is about: a factsheet without heading and identity is about what its URL names.
CREATE OR REPLACE MACRO raw.subject_of(page_kind, subject, address_subject) AS
    if(
        page_kind = 'factsheet' AND address_subject IN ('programme', 'fund'),
        address_subject,
        subject
    );

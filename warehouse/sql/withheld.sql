-- A finding quotes pages. A release withholds the text of one that contains a contact's name, telephone
-- or address. Values with fewer than three letters or digits (a dash) identify nobody.
CREATE TEMP TABLE personal AS
SELECT words
FROM (SELECT unnest([name, telephone, email, skype]) AS words FROM working.observed.contact)
WHERE length(regexp_replace(words, '[^\pL\pN]', '', 'g')) >= 3;

UPDATE observed.finding AS f
SET
    subject = if(
        EXISTS (FROM personal WHERE contains(f.subject, words)), '(withheld)', f.subject
    ),
    detail = '(withheld: it names a contact)'
WHERE EXISTS (FROM personal WHERE contains(f.subject, words) OR contains(f.detail, words));

DROP TABLE personal;

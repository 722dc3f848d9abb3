-- A finding quotes pages. In a release, one that holds a contact's name, telephone or address says
-- nothing but that.
UPDATE observed.finding AS f
SET detail = '(withheld: it names a contact)'
WHERE EXISTS (
    FROM working.observed.contact AS c
    WHERE contains(f.detail, c.name)
        OR contains(f.detail, c.telephone)
        OR contains(f.detail, c.email)
        OR contains(f.detail, c.skype)
);

-- Derive the vintages of narrative, documents and contacts, each as a whole list. A page without a
-- list says nothing about it: the list known before stays. So it does before a page that was cut
-- short, whose list may lack its end: that counts only where no list is known before.
-- reads: segment, shown_body, observed.narrative, observed.document, observed.contact
-- writes: list_vintage, vintage.list, core.narrative, core.document, core.contact

CREATE OR REPLACE TEMP TABLE list_vintage AS
WITH sighting AS (
    SELECT s.*, list.kind, list.digest, b.is_cut
    FROM segment AS s
    JOIN shown_body AS b USING (parse_key)
    CROSS JOIN LATERAL (
        VALUES
            ('narrative', b.narrative_digest),
            ('document', b.documents_digest),
            ('contact', b.contacts_digest)
    ) AS list (kind, digest)
    WHERE list.digest IS NOT NULL
),
shown AS (
    SELECT
        about,
        subject,
        first_at,
        kind,
        max_by(digest, (NOT is_cut, parse_key)) AS digest,
        max_by(parse_key, (NOT is_cut, parse_key)) AS parse_key,
        max_by(capture_id, (NOT is_cut, parse_key, capture_id)) AS capture_id,
        bool_and(is_cut) AS is_cut
    FROM sighting
    GROUP BY about, subject, first_at, kind
),
counted AS (
    FROM shown
    QUALIFY NOT is_cut
        OR rank() OVER (PARTITION BY about, subject, kind ORDER BY first_at) = 1
),
changed AS (
    FROM counted
    QUALIFY digest IS DISTINCT FROM lag(digest) OVER (
        PARTITION BY about, subject, kind ORDER BY first_at
    )
),
vintage AS (
    SELECT *, lead(first_at) OVER (PARTITION BY about, subject, kind ORDER BY first_at) AS until
    FROM changed
)
SELECT
    v.about,
    v.subject,
    v.kind,
    v.first_at AS known_from,
    v.parse_key,
    v.capture_id,
    max(s.last_at) FILTER (s.page = 0) AS seen_until,
    bit_or(s.page) AS pages
FROM vintage AS v
JOIN sighting AS s
    ON s.about = v.about
    AND s.subject = v.subject
    AND s.kind = v.kind
    AND s.digest = v.digest
    AND s.first_at >= v.first_at
    AND s.first_at < coalesce(v.until, 'infinity'::TIMESTAMP)
GROUP BY ALL;

INSERT INTO vintage.list BY NAME SELECT * EXCLUDE (parse_key, subject) FROM list_vintage;

INSERT INTO core.narrative BY NAME
SELECT o.* EXCLUDE (parse_key), v.about AS programme_id, v.known_from, v.capture_id
FROM list_vintage AS v
JOIN observed.narrative AS o USING (parse_key)
WHERE v.subject = 'programme' AND v.kind = 'narrative';

INSERT INTO core.document BY NAME
SELECT o.* EXCLUDE (parse_key), v.about AS programme_id, v.known_from, v.capture_id
FROM list_vintage AS v
JOIN observed.document AS o USING (parse_key)
WHERE v.subject = 'programme' AND v.kind = 'document';

INSERT INTO core.contact BY NAME
SELECT o.* EXCLUDE (parse_key), v.about AS programme_id, v.known_from
FROM list_vintage AS v
JOIN observed.contact AS o USING (parse_key)
WHERE v.subject = 'programme' AND v.kind = 'contact';

-- The captures that count, of what is touched. A page that was said to be unchanged (304) by a
-- validator which is known to have stayed while the page changed is no evidence of anything. A
-- factsheet that came without its tables is no change: that happens to pages of the same version. Nor
-- is a 304 evidence where another page of the programme's factsheet, sent in full after this one was,
-- has shown other figures since: the one is from before the change, or the validator stayed.

CREATE OR REPLACE TEMP TABLE shown_page AS
SELECT
    CASE subject WHEN 'programme' THEN programme_id WHEN 'fund' THEN fund_code END AS about,
    subject, page_kind, url, captured_at, body_sha256, capture_id,
    if(source = 'gateway', http_status, NULL) AS status,
    coalesce(etag, last_modified) AS validator
FROM raw.capture
WHERE state = 'loaded' AND about IN (FROM touched);

-- What these pages' bodies are, and their identity blocks: joins below keep to these few.
CREATE OR REPLACE TEMP TABLE shown_body AS
SELECT body_sha256, status, content_digest, figures_digest, narrative_digest, documents_digest,
    contacts_digest, statement_digest
FROM observed.body
WHERE body_sha256 IN (SELECT body_sha256 FROM shown_page);

CREATE OR REPLACE TEMP TABLE shown_programme AS
FROM observed.programme
WHERE body_sha256 IN (SELECT body_sha256 FROM shown_page);

CREATE OR REPLACE TEMP TABLE shown_fund AS
FROM observed.fund
WHERE body_sha256 IN (SELECT body_sha256 FROM shown_page);

CREATE OR REPLACE TEMP TABLE lying AS
SELECT l.url, l.validator
FROM shown_page AS l
JOIN shown_body AS b USING (body_sha256)
ANTI JOIN (FROM observed.page_link WHERE rel = 'view') AS v USING (body_sha256)
WHERE l.status = 200 AND l.validator IS NOT NULL
GROUP BY l.url, l.validator
HAVING count(DISTINCT b.content_digest) > 1;

CREATE OR REPLACE TEMP TABLE factsheet AS
SELECT p.about, p.url, p.captured_at, p.status, b.figures_digest
FROM shown_page AS p
JOIN shown_body AS b USING (body_sha256)
WHERE p.status IN (200, 304)
    AND p.page_kind = 'programme_factsheet'
    AND b.figures_digest IS NOT NULL;

CREATE OR REPLACE TEMP TABLE contradicted AS
SELECT DISTINCT e.url, e.captured_at
FROM (FROM factsheet WHERE status = 304) AS e
ASOF JOIN (FROM factsheet WHERE status = 200) AS sent
    ON sent.about = e.about AND sent.url = e.url AND sent.captured_at <= e.captured_at
JOIN factsheet AS since
    ON since.about = e.about
    AND since.status = 200
    AND since.figures_digest <> e.figures_digest
    AND since.captured_at > sent.captured_at
    AND since.captured_at < e.captured_at;

CREATE OR REPLACE TEMP TABLE evidence AS
SELECT e.about, e.subject, e.url, e.captured_at, e.body_sha256, b.content_digest,
    max(e.capture_id) AS capture_id
FROM shown_page AS e
JOIN shown_body AS b USING (body_sha256)
ANTI JOIN lying AS l
    ON l.url = e.url AND e.status = 304 AND coalesce(e.validator, l.validator) = l.validator
ANTI JOIN contradicted AS c
    ON c.url = e.url AND c.captured_at = e.captured_at AND e.status = 304
GROUP BY ALL;

-- Select the captures that count as evidence about each changed subject, a programme or a fund.
-- A 304 counts only while its validator can be trusted: not where the page changed and its validator
-- stayed, and not where another page of the same factsheet, sent in full since this page was, showed
-- other figures. A factsheet without tables is no change, nor is one that was cut short: pages of one
-- version lose their tables, or their end, at times.
-- An answer of the API is a page of each programme that it has rows about: its part is what it says.
-- A later answer to the same query that is whole, and has no row of the programme, is an empty part.
-- Of subjects in `known_page` these are all pages that are needed: of captures that were thinned out, those
-- that are left count.
-- reads: changed_subject, known_page, raw.capture, observed.body, observed.answer, observed.part, observed.programme, observed.fund, observed.figure, observed.voucher, observed.page_link
-- writes: shown_part, shown_page, shown_body, shown_programme, shown_fund, shown_figure, shown_voucher, stale_validator, factsheet, evidence

CREATE OR REPLACE TEMP TABLE shown_part AS
WITH part AS (
    SELECT programme_id AS about, part_key, parse_key
    FROM observed.part
    WHERE programme_id IN (FROM changed_subject)
),
answer AS (
    FROM vintage.seen_answers()
    WHERE url IN (SELECT c.url FROM raw.capture AS c SEMI JOIN part USING (parse_key))
),
shown AS (
    SELECT p.about, p.part_key, a.*
    FROM part AS p
    JOIN answer AS a USING (parse_key)
),
first_shown AS (
    SELECT about, url, min(captured_at) AS first_at
    FROM shown
    GROUP BY about, url
)
SELECT about, part_key AS parse_key, page_kind, url, captured_at, capture_id,
    if(source = 'gateway', http_status, NULL) AS status, validator
FROM shown
UNION ALL BY NAME
SELECT f.about, a.empty_part_key AS parse_key, a.page_kind, a.url, a.captured_at, a.capture_id,
    if(a.source = 'gateway', a.http_status, NULL) AS status, a.validator
FROM first_shown AS f
JOIN answer AS a
    ON a.url = f.url
    AND a.captured_at > f.first_at
    AND a.is_whole
    AND a.empty_part_key IS NOT NULL
ANTI JOIN part AS p ON p.about = f.about AND p.parse_key = a.parse_key;

CREATE OR REPLACE TEMP TABLE shown_page AS
SELECT
    raw.about_of(subject, programme_id, fund_code) AS about,
    subject, page_kind, url, captured_at, parse_key, capture_id, statement_month,
    if(source = 'gateway', http_status, NULL) AS status,
    coalesce(etag, last_modified) AS validator,
    false AS thinned
FROM raw.capture
WHERE state = 'loaded' AND about IN (FROM changed_subject ANTI JOIN known_page USING (about))
UNION ALL BY NAME
SELECT 'programme' AS subject, *, false AS thinned FROM shown_part
UNION ALL BY NAME
FROM known_page;

-- The rows of these pages alone: the joins of later steps stay small.
CREATE OR REPLACE TEMP TABLE shown_body AS
SELECT parse_key, status, content_digest, figures_digest, narrative_digest, documents_digest,
    contacts_digest, statement_digest, cut_short IS NOT NULL AS is_cut
FROM observed.body
WHERE parse_key IN (SELECT parse_key FROM shown_page);

CREATE OR REPLACE TEMP TABLE shown_programme AS
FROM observed.programme
WHERE parse_key IN (SELECT parse_key FROM shown_page);

CREATE OR REPLACE TEMP TABLE shown_fund AS
FROM observed.fund
WHERE parse_key IN (SELECT parse_key FROM shown_page);

CREATE OR REPLACE TEMP TABLE shown_figure AS
FROM observed.figure
WHERE parse_key IN (SELECT parse_key FROM shown_page);

CREATE OR REPLACE TEMP TABLE shown_voucher AS
FROM observed.voucher
WHERE parse_key IN (SELECT parse_key FROM shown_page);

CREATE OR REPLACE TEMP TABLE stale_validator AS
SELECT p.about, p.url, p.validator
FROM shown_page AS p
JOIN shown_body AS b USING (parse_key)
ANTI JOIN (FROM observed.page_link WHERE rel = 'view') AS v USING (parse_key)
WHERE p.status = 200 AND p.validator IS NOT NULL AND NOT b.is_cut
GROUP BY p.about, p.url, p.validator
HAVING count(DISTINCT b.content_digest) > 1;

CREATE OR REPLACE TEMP TABLE factsheet AS
SELECT p.about, p.url, p.captured_at, p.status, p.thinned, b.figures_digest
FROM shown_page AS p
JOIN shown_body AS b USING (parse_key)
WHERE p.status IN (200, 304)
    AND p.page_kind = 'programme_factsheet'
    AND b.figures_digest IS NOT NULL
    AND NOT b.is_cut;

CREATE OR REPLACE TEMP TABLE evidence AS
WITH contradicted AS (
    SELECT DISTINCT e.url, e.captured_at
    FROM (FROM factsheet WHERE status = 304 AND NOT thinned) AS e
    ASOF JOIN (FROM factsheet WHERE status = 200) AS sent
        ON sent.about = e.about AND sent.url = e.url AND sent.captured_at <= e.captured_at
    JOIN factsheet AS since
        ON since.about = e.about
        AND since.status = 200
        AND since.figures_digest <> e.figures_digest
        AND since.captured_at > sent.captured_at
        AND since.captured_at < e.captured_at
)
SELECT e.about, e.subject, e.url, e.captured_at, e.parse_key, e.statement_month, b.content_digest,
    max(e.capture_id) AS capture_id, bool_or(e.page_kind = 'api_answer') AS from_api
FROM shown_page AS e
JOIN shown_body AS b USING (parse_key)
ANTI JOIN stale_validator AS v
    ON v.about = e.about
    AND v.url = e.url
    AND e.status = 304
    AND coalesce(e.validator, v.validator) = v.validator
ANTI JOIN contradicted AS c
    ON c.url = e.url AND c.captured_at = e.captured_at AND e.status = 304
GROUP BY ALL;

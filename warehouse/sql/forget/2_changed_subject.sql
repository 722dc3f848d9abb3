-- List the programmes and funds for which the captures have counted. An answer of the API counts for all
-- programmes that answers to its query have shown: it may end what it lacks.
-- reads: forgotten_capture, raw.capture, observed.part
-- writes: changed_subject
CREATE OR REPLACE TEMP TABLE changed_subject AS
SELECT DISTINCT
    raw.about_of(subject, programme_id, fund_code) AS about
FROM forgotten_capture
WHERE state = 'loaded' AND subject IN ('programme', 'fund')
UNION
SELECT p.programme_id
FROM raw.capture AS c
JOIN observed.part AS p USING (parse_key)
WHERE c.url IN (SELECT url FROM forgotten_capture WHERE page_kind = 'api_answer');

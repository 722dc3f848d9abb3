-- List the programmes and funds for which the batch's captures have counted until now.
-- reads: new_capture, raw.capture, observed.part
-- writes: changed_subject
CREATE OR REPLACE TEMP TABLE changed_subject AS
SELECT DISTINCT
    raw.about_of(subject, programme_id, fund_code) AS about
FROM raw.capture
WHERE state = 'loaded'
    AND subject IN ('programme', 'fund')
    AND capture_id IN (SELECT capture_id FROM new_capture)
UNION
SELECT p.programme_id
FROM raw.capture AS c
JOIN observed.part AS p USING (parse_key)
WHERE c.state = 'loaded' AND c.capture_id IN (SELECT capture_id FROM new_capture);

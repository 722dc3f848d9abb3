-- Take captures out of the ledger and out of quarantine, and find the bodies that no other capture
-- shows. What several captures show stays in quarantine with the first of those that are left.
-- reads: forgotten_capture, raw.capture, observed.part, observed.answer
-- writes: raw.forgotten, raw.capture, unseen_body, meta.quarantine
INSERT INTO raw.forgotten BY NAME
SELECT
    capture_id, parse_key, unchanged, url, source, captured_at, captured_at_source, body_sha256,
    body_bytes, cut_short, run_id, warc_file, warc_offset
FROM forgotten_capture;

DELETE FROM raw.capture WHERE capture_id IN (SELECT capture_id FROM forgotten_capture);

CREATE OR REPLACE TEMP TABLE unseen_body AS
WITH unseen AS (
    SELECT DISTINCT parse_key
    FROM forgotten_capture
    ANTI JOIN raw.capture AS c USING (parse_key)
),
-- The parts of answers; one part may stand in several.
part AS (
    SELECT parse_key, part_key FROM observed.part
    UNION ALL
    SELECT parse_key, empty_part_key FROM observed.answer WHERE empty_part_key IS NOT NULL
)
FROM unseen
UNION
SELECT part_key
FROM part
SEMI JOIN unseen USING (parse_key)
ANTI JOIN (FROM part ANTI JOIN unseen USING (parse_key)) AS shown USING (part_key);

DELETE FROM meta.quarantine
WHERE if(
    table_name = 'raw.capture',
    capture_id IN (SELECT capture_id FROM forgotten_capture),
    parse_key IN (FROM unseen_body)
);

UPDATE meta.quarantine AS q
SET capture_id = f.capture_id
FROM (
    SELECT parse_key, min_by(capture_id, (captured_at, capture_id)) AS capture_id
    FROM raw.capture
    GROUP BY parse_key
) AS f
WHERE f.parse_key = q.parse_key AND q.capture_id IN (SELECT capture_id FROM forgotten_capture);

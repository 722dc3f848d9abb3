-- Whole pages that do not count, each capture by itself.
CREATE OR REPLACE TEMP TABLE page_quarantine AS
WITH broken AS (
    SELECT
        c.capture_id,
        c.body_sha256,
        coalesce(b.refused_text, c.url) AS row_text,
        coalesce(b.refused_rule, 'programme_id_contradicts_address') AS rule,
        coalesce(
            b.refused_message,
            'the address ' || c.url || ' names another programme than the page, ' || b.programme_id
        ) AS message,
        b.parser_version
    FROM raw.capture AS c
    JOIN observed.body AS b USING (body_sha256)
    WHERE c.state = 'quarantined' AND c.capture_id IN (SELECT capture_id FROM new_capture)
)
SELECT
    left(sha256(concat_ws(chr(10), capture_id, rule)), 32) AS quarantine_id,
    'raw.capture' AS table_name,
    'page' AS stood_at,
    *
FROM broken;

DELETE FROM meta.quarantine
WHERE resolved_at IS NOT NULL AND quarantine_id IN (SELECT quarantine_id FROM page_quarantine);

INSERT INTO meta.quarantine BY NAME
SELECT *, NULL::TIMESTAMP AS resolved_at
FROM page_quarantine
WHERE quarantine_id NOT IN (SELECT quarantine_id FROM meta.quarantine);

-- Quarantine whole pages, each capture by itself.
-- reads: arrived, new_capture, observed.body
-- writes: page_quarantine, meta.quarantine
CREATE OR REPLACE TEMP TABLE page_quarantine AS
WITH broken AS (
    SELECT
        c.capture_id,
        c.parse_key,
        coalesce(b.refused_text, c.url) AS row_text,
        c.rule,
        CASE c.rule
            WHEN b.refused_rule THEN b.refused_message
            WHEN 'programme_id_contradicts_address'
                THEN 'the address ' || c.url || ' names another programme than the page, '
                    || b.programme_id
            WHEN 'fund_code_contradicts_address'
                THEN 'the address ' || c.url || ' names another fund than the page, ' || b.fund_code
            WHEN 'kind_contradicts_address'
                THEN 'the address ' || c.url || ' is that of a ' || n.address_subject
                    || ', and the page is about a ' || b.subject
            ELSE 'neither the page nor its URL ' || c.url || ' says which '
                || coalesce(b.subject, 'programme or fund') || ' it is about'
        END AS message,
        b.parser_version
    FROM arrived AS c
    JOIN new_capture AS n USING (capture_id)
    JOIN observed.body AS b ON b.parse_key = c.parse_key
    WHERE c.state = 'quarantined'
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

-- Return the captures of API answers, and whether each is whole: read in full, and with at least half
-- the rows of every answer before it. One that has lost most of them is no evidence that the missing
-- ones are gone, however often it is repeated.
CREATE OR REPLACE MACRO vintage.seen_answers() AS TABLE
SELECT
    c.url, c.captured_at, c.capture_id, c.parse_key, c.page_kind, c.http_status, c.source,
    coalesce(c.etag, c.last_modified) AS validator,
    a.empty_part_key,
    a.rows_printed,
    max(a.rows_printed) OVER (
        PARTITION BY c.url ORDER BY c.captured_at, c.parse_key, c.capture_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS rows_before,
    coalesce(a.rows_printed < 0.5 * rows_before, false) AS has_lost_rows,
    a.read_in_full AND NOT has_lost_rows AS is_whole
FROM raw.capture AS c
JOIN observed.answer AS a USING (parse_key)
WHERE c.state = 'loaded';

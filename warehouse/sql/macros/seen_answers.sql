-- Return the captures of API answers, and whether each is whole: read in full, and without the loss of
-- most rows of the answer before it, which is no evidence that the missing ones are gone. An answer
-- that is seen again stays what it was.
CREATE OR REPLACE MACRO vintage.seen_answers() AS TABLE
WITH seen AS (
    SELECT
        c.url, c.captured_at, c.capture_id, c.parse_key, c.page_kind, c.http_status, c.source,
        coalesce(c.etag, c.last_modified) AS validator,
        a.rows_printed, a.read_in_full, a.empty_part_key,
        c.parse_key IS DISTINCT FROM lag(c.parse_key) OVER earlier AS begins,
        lag(a.rows_printed) OVER earlier AS rows_before
    FROM raw.capture AS c
    JOIN observed.answer AS a USING (parse_key)
    WHERE c.state = 'loaded'
    WINDOW earlier AS (PARTITION BY c.url ORDER BY c.captured_at, c.parse_key, c.capture_id)
)
SELECT
    * EXCLUDE (begins, rows_before, rows_printed, read_in_full),
    read_in_full AND NOT coalesce(
        last_value(if(begins, rows_printed < 0.5 * rows_before, NULL) IGNORE NULLS) OVER (
            PARTITION BY url ORDER BY captured_at, parse_key, capture_id ROWS UNBOUNDED PRECEDING
        ),
        false
    ) AS is_whole
FROM seen;

-- What is in quarantine, of pages that first came since a time.
WITH open AS (
    SELECT parse_key, table_name FROM meta.quarantine WHERE resolved_at IS NULL
),
first_came AS (
    SELECT parse_key, min(fetched_at) AS fetched_at
    FROM raw.capture
    SEMI JOIN open USING (parse_key)
    GROUP BY parse_key
)
SELECT
    count(*) FILTER (table_name = 'raw.capture') AS pages,
    count(*) FILTER (table_name <> 'raw.capture') AS rows
FROM open
JOIN first_came USING (parse_key)
WHERE fetched_at >= getvariable('since');

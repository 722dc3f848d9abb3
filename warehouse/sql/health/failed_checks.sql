-- Checks that fail, of figures on pages that first came since a time.
WITH failed AS (
    SELECT c.parse_key FROM meta.check_result AS r JOIN raw.capture AS c USING (capture_id)
),
first_came AS (
    SELECT parse_key, min(fetched_at) AS fetched_at
    FROM raw.capture
    SEMI JOIN failed USING (parse_key)
    GROUP BY parse_key
)
SELECT count(*) AS checks
FROM failed
JOIN first_came USING (parse_key)
WHERE fetched_at >= getvariable('since');

-- Figures on the factsheets that some runs captured, beside those of the capture before.
WITH now AS (
    SELECT programme_id, arg_max(parse_key, (captured_at, capture_id)) AS parse_key
    FROM raw.capture
    WHERE state = 'loaded' AND source = 'gateway' AND page_kind = 'programme_factsheet'
        AND run_id IN (SELECT unnest(string_split($runs, ' ')))
    GROUP BY programme_id
),
earlier AS (
    SELECT programme_id, arg_max(parse_key, (captured_at, capture_id)) AS parse_key
    FROM raw.capture
    SEMI JOIN now USING (programme_id)
    WHERE state = 'loaded' AND source = 'gateway' AND page_kind = 'programme_factsheet'
        AND run_id NOT IN (SELECT unnest(string_split($runs, ' ')))
    GROUP BY programme_id
),
counted AS (
    SELECT parse_key, count(*) AS figures
    FROM observed.figure
    WHERE parse_key IN (SELECT parse_key FROM now UNION ALL SELECT parse_key FROM earlier)
    GROUP BY parse_key
),
compared AS (
    SELECT coalesce(s.figures, 0) AS figures, coalesce(b.figures, 0) AS figures_before
    FROM now AS n
    JOIN earlier AS e USING (programme_id)
    LEFT JOIN counted AS s ON s.parse_key = n.parse_key
    LEFT JOIN counted AS b ON b.parse_key = e.parse_key
)
SELECT
    count(*),
    count(*) FILTER (figures > 0),
    count(*) FILTER (figures_before > 0),
    coalesce(sum(figures), 0)::BIGINT,
    coalesce(sum(figures_before), 0)::BIGINT
FROM compared

-- Figures on the factsheets that some runs captured, beside those of the capture before.
WITH factsheet AS (
    SELECT
        programme_id,
        run_id IN (SELECT unnest(string_split($runs, ' '))) AS now,
        arg_max(parse_key, (captured_at, capture_id)) AS parse_key
    FROM raw.capture
    WHERE state = 'loaded' AND source = 'gateway' AND page_kind = 'programme_factsheet'
    GROUP BY ALL
),
counted AS (
    SELECT f.programme_id, f.now, (
        SELECT count(*) FROM observed.figure AS o WHERE o.parse_key = f.parse_key
    ) AS figures
    FROM factsheet AS f
)
SELECT
    count(*),
    count(*) FILTER (n.figures > 0),
    count(*) FILTER (e.figures > 0),
    coalesce(sum(n.figures), 0)::BIGINT,
    coalesce(sum(e.figures), 0)::BIGINT
FROM counted AS n
JOIN counted AS e ON e.programme_id = n.programme_id AND NOT e.now
WHERE n.now

-- List the programmes and funds of a share of a warehouse in which nothing is derived yet, in slices of
-- about as many captures as are derived at once. A subject's share depends on its name alone.
-- reads: raw.capture, observed.part
-- writes: subject
CREATE OR REPLACE TEMP TABLE subject AS
WITH counted AS (
    SELECT
        raw.about_of(subject, programme_id, fund_code) AS about,
        count(*) AS captures
    FROM raw.capture
    WHERE state = 'loaded' AND subject IN ('programme', 'fund')
    GROUP BY about
    UNION ALL
    SELECT p.programme_id, sum(c.captures)
    FROM observed.part AS p
    JOIN (
        SELECT parse_key, count(*) AS captures
        FROM raw.capture
        WHERE state = 'loaded'
        GROUP BY parse_key
    ) AS c USING (parse_key)
    GROUP BY p.programme_id
),
chosen AS (
    SELECT about, sum(captures) AS captures
    FROM counted
    WHERE md5_number_lower(about) % $shares = $share - 1
    GROUP BY about
)
SELECT
    about,
    ((sum(captures) OVER (ORDER BY about ROWS UNBOUNDED PRECEDING) - captures) // $at_once)::BIGINT
        AS slice
FROM chosen;

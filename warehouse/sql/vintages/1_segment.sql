-- A segment: the time over which a programme showed the same bodies and no year became final, so
-- that nothing that is derived can change within it. A page seen unchanged every night for a year
-- is two segments, whatever the number of captures: that is what keeps the cost of history down.
-- Captures at the same second are one observation, of several bodies.

CREATE OR REPLACE TEMP TABLE segment AS
WITH instant AS (
    SELECT programme_id, captured_at, list_sort(list_distinct(list(body_sha256))) AS bodies
    FROM evidence
    WHERE subject = 'programme'
    GROUP BY programme_id, captured_at
),
numbered AS (
    SELECT
        *,
        bodies IS DISTINCT FROM lag(bodies) OVER earlier
        OR core.newest_final_year(captured_at)
            <> core.newest_final_year(lag(captured_at) OVER earlier) AS begins
    FROM instant
    WINDOW earlier AS (PARTITION BY programme_id ORDER BY captured_at)
),
islands AS (
    SELECT
        *,
        count(*) FILTER (begins) OVER (PARTITION BY programme_id ORDER BY captured_at) AS island
    FROM numbered
)
SELECT
    programme_id,
    min(captured_at) AS first_at,
    max(captured_at) AS last_at,
    any_value(bodies) AS bodies
FROM islands
GROUP BY programme_id, island;

-- The bodies of each segment, each with the capture that opened the segment with it.
CREATE OR REPLACE TEMP TABLE segment_body AS
SELECT s.programme_id, s.first_at, s.last_at, c.body_sha256, max(c.capture_id) AS capture_id
FROM segment AS s
JOIN evidence AS c ON c.programme_id = s.programme_id AND c.captured_at = s.first_at
WHERE c.subject = 'programme'
GROUP BY s.programme_id, s.first_at, s.last_at, c.body_sha256;

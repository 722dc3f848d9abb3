-- The programmes of which the batch shows nothing but what they showed last: one body, seen again
-- later, with no year become final meanwhile. Their last segment grows longer, and with it the
-- last_seen of what stands at its end; nothing else that is derived can change, so they are touched
-- no more. That is nearly every programme in nearly every night.

CREATE OR REPLACE TEMP TABLE extended AS
WITH seen AS (
    SELECT e.programme_id, e.captured_at, e.body_sha256, a.capture_id IS NOT NULL AS is_new
    FROM evidence AS e
    LEFT JOIN arrived AS a USING (capture_id)
    WHERE e.subject = 'programme'
),
spans AS (
    SELECT
        programme_id,
        max(captured_at) FILTER (NOT is_new) AS seen_until,
        min(captured_at) FILTER (is_new) AS again_from,
        max(captured_at) FILTER (is_new) AS again_until
    FROM seen
    GROUP BY programme_id
),
-- A whole answer that is new in its validator could prove an earlier one a liar.
telling AS (
    SELECT DISTINCT c.programme_id
    FROM raw.capture AS c
    SEMI JOIN arrived AS a USING (capture_id)
    WHERE c.http_status = 200
        AND coalesce(c.etag, c.last_modified) IS NOT NULL
        AND NOT EXISTS (
            FROM raw.capture AS o
            ANTI JOIN arrived AS n USING (capture_id)
            WHERE o.url = c.url
                AND o.body_sha256 = c.body_sha256
                AND coalesce(o.etag, o.last_modified) = coalesce(c.etag, c.last_modified)
        )
)
SELECT p.programme_id, p.seen_until, p.again_until
FROM spans AS p
JOIN seen AS s ON s.programme_id = p.programme_id AND (s.is_new OR s.captured_at = p.seen_until)
ANTI JOIN telling AS t ON t.programme_id = p.programme_id
WHERE p.again_from > p.seen_until
    AND core.newest_final_year(p.again_until) = core.newest_final_year(p.seen_until)
GROUP BY p.programme_id, p.seen_until, p.again_until
HAVING count(DISTINCT s.body_sha256) = 1;

UPDATE core.expenditure_snapshot AS v
SET last_seen = e.again_until
FROM extended AS e
WHERE v.programme_id = e.programme_id AND v.last_seen = e.seen_until;

UPDATE core.cumulative_snapshot AS v
SET last_seen = e.again_until
FROM extended AS e
WHERE v.programme_id = e.programme_id AND v.last_seen = e.seen_until;

UPDATE core.voucher AS v
SET last_seen = e.again_until
FROM extended AS e
WHERE v.programme_id = e.programme_id AND v.last_seen = e.seen_until;

DELETE FROM touched WHERE programme_id IN (SELECT programme_id FROM extended);

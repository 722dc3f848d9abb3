-- Every programme ever listed or seen, those whose page was seen, or requested in vain, longest ago
-- first: else those that fail for good would take the place of all others in every night.
WITH
-- A sync that was cut short, and that no other has finished, may have left out pages of any programme
-- that it visited.
unfinished AS (
    SELECT r.run_id, r.started_at
    FROM meta.run AS r
    WHERE r.command LIKE 'sync%' AND r.outcome NOT IN ('done', 'incomplete')
        AND NOT EXISTS (
            FROM meta.run AS later
            WHERE later.resumes = coalesce(r.resumes, r.run_id)
                AND later.outcome IN ('done', 'incomplete')
        )
),
failed AS (
    SELECT f.programme_id, r.started_at, f.kind
    FROM meta.failure AS f
    JOIN meta.run AS r USING (run_id)
    WHERE r.command LIKE 'sync%' AND f.programme_id IS NOT NULL
    UNION ALL
    SELECT c.programme_id, r.started_at, 'unfinished'
    FROM raw.capture AS c
    JOIN unfinished AS r USING (run_id)
    WHERE c.programme_id IS NOT NULL
),
failure AS (
    SELECT
        programme_id,
        max(started_at) AS failed_at,
        max(started_at) FILTER (kind <> 'not_asked') AS tried_at,
        max(started_at) FILTER (kind = 'refused') AS refused_at
    FROM failed
    GROUP BY programme_id
),
-- A failure counts until a later run has loaded a page of the programme.
mended AS (
    SELECT f.programme_id
    FROM raw.capture AS c
    JOIN failure AS f USING (programme_id)
    JOIN meta.run AS had USING (run_id)
    WHERE c.source = 'gateway' AND c.state = 'loaded' AND had.started_at > f.failed_at
),
set_aside AS (
    SELECT url, max(last_at) AS set_aside_at
    FROM vintage.page_body
    WHERE source = 'gateway' AND state <> 'loaded'
    GROUP BY url
)
SELECT
    k.programme_id, k.address, k.page, k.seen_at, k.seen_url,
    coalesce(p.fund_code, k.listed_fund_code), p.status,
    k.programme_id IN (SELECT programme_id FROM failure ANTI JOIN mended USING (programme_id)),
    coalesce(k.page_kind = 'programme_factsheet', true),
    greatest(k.seen_at, f.tried_at, s.set_aside_at) AS requested_at,
    coalesce(f.refused_at > coalesce(k.seen_at, '-infinity'), false)
FROM vintage.known_programmes() AS k
LEFT JOIN mart.programme_current AS p USING (programme_id)
LEFT JOIN failure AS f USING (programme_id)
LEFT JOIN set_aside AS s ON s.url = split_part(k.seen_url, '?', 1)
ORDER BY requested_at NULLS FIRST, k.programme_id

-- Every programme ever listed or seen, those whose page was seen longest ago first.
WITH failure AS (
    SELECT f.programme_id, max(r.started_at) AS failed_at
    FROM meta.failure AS f
    JOIN meta.run AS r USING (run_id)
    WHERE r.command LIKE 'sync%' AND f.programme_id IS NOT NULL
    GROUP BY f.programme_id
),
-- A failure counts until a later run has captured a page of the programme.
mended AS (
    SELECT f.programme_id
    FROM raw.capture AS c
    JOIN failure AS f USING (programme_id)
    JOIN meta.run AS had USING (run_id)
    WHERE c.source = 'gateway' AND had.started_at > f.failed_at
)
SELECT
    k.programme_id, k.address, k.page, k.seen_at, k.seen_url,
    coalesce(p.fund_code, k.listed_fund_code), p.status,
    k.programme_id IN (SELECT programme_id FROM failure ANTI JOIN mended USING (programme_id)),
    coalesce(k.page_kind = 'programme_factsheet', true)
FROM vintage.known_programmes() AS k
LEFT JOIN mart.programme_current AS p USING (programme_id)
ORDER BY k.seen_at NULLS FIRST, k.programme_id

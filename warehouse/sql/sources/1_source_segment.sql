-- Join the captures of each source, one URL, into segments. Over one, its answer is the same, or its
-- page's tables of contributors, and no year begins or becomes final. All captures of a URL that has
-- shown a changed organization or fund count, those without rows of it too: what they lack may be gone.
-- reads: changed_source, raw.capture, observed.body, observed.answer, observed.organization_figure, observed.contribution
-- writes: source_capture, source_segment

CREATE OR REPLACE TEMP TABLE source_capture AS
WITH said AS (
    SELECT parse_key
    FROM observed.organization_figure AS o
    SEMI JOIN changed_source AS c ON c.kind = 'organization' AND c.code = o.agency_code
    UNION
    SELECT parse_key
    FROM observed.contribution AS o
    SEMI JOIN changed_source AS c ON c.kind = 'contribution' AND c.code = o.fund_code
),
seen AS MATERIALIZED (
    FROM vintage.seen_sources()
),
asked AS (
    SELECT DISTINCT url
    FROM seen
    WHERE parse_key IN (FROM said)
        OR NOT from_api
        AND of_fund IN (SELECT code FROM changed_source WHERE kind = 'contribution')
),
numbered AS (
    SELECT
        *,
        digest IS DISTINCT FROM lag(digest) OVER earlier
        OR of_fund IS DISTINCT FROM lag(of_fund) OVER earlier
        OR core.period_of(captured_at) <> core.period_of(lag(captured_at) OVER earlier) AS begins
    FROM seen
    WHERE url IN (FROM asked)
    WINDOW earlier AS (PARTITION BY url ORDER BY captured_at, parse_key, capture_id)
),
islands AS (
    SELECT
        *,
        count(*) FILTER (begins) OVER (
            PARTITION BY url ORDER BY captured_at, parse_key, capture_id
        ) AS island
    FROM numbered
)
SELECT
    * EXCLUDE (begins, digest) REPLACE (
        first_value(parse_key) OVER (
            PARTITION BY url, island ORDER BY captured_at, parse_key, capture_id
        ) AS parse_key
    )
FROM islands;

CREATE OR REPLACE TEMP TABLE source_segment AS
SELECT
    url, page_kind, from_api, of_fund, parse_key,
    min(captured_at) AS first_at,
    max(captured_at) AS last_at,
    arg_min(capture_id, (captured_at, capture_id)) AS capture_id
FROM source_capture
GROUP BY url, page_kind, from_api, of_fund, parse_key, island;

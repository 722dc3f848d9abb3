-- Let the API's cents count where a page prints the same figure in whole dollars: the two are one
-- value, and no vintage begins where only the source changes. A page's figure is that of the API's
-- answer before it, else of the one after it, if it is within half a dollar of it; a rate within half
-- a tenth. Only programmes of which the API has shown figures are changed. Where the newest page and
-- the newest answer differ by more, the newer counts, and the difference is recorded.
-- reads: shown_part, figure_shown
-- writes: figure_shown, finer_figure, vintage.source_difference

CREATE OR REPLACE TEMP TABLE finer_figure AS
SELECT
    COLUMNS(lambda name: NOT regexp_matches(name, '_(usd|pct)$')),
    vintage.finer(
        COLUMNS('_usd$'),
        by_api,
        last_value(if(by_api, COLUMNS('_usd$'), NULL) IGNORE NULLS) OVER before,
        first_value(if(by_api, COLUMNS('_usd$'), NULL) IGNORE NULLS) OVER after,
        0.5
    ),
    vintage.finer(
        COLUMNS('_pct$'),
        by_api,
        last_value(if(by_api, COLUMNS('_pct$'), NULL) IGNORE NULLS) OVER before,
        first_value(if(by_api, COLUMNS('_pct$'), NULL) IGNORE NULLS) OVER after,
        0.05
    )
FROM figure_shown
WHERE programme_id IN (SELECT about FROM shown_part)
WINDOW
    before AS (
        PARTITION BY programme_id, organization, fiscal_year
        ORDER BY first_at ROWS UNBOUNDED PRECEDING
    ),
    after AS (
        PARTITION BY programme_id, organization, fiscal_year
        ORDER BY first_at ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    );

DELETE FROM figure_shown WHERE programme_id IN (SELECT programme_id FROM finer_figure);

INSERT INTO figure_shown BY NAME FROM finer_figure;

INSERT INTO vintage.source_difference BY NAME
WITH newest AS (
    SELECT programme_id, organization, fiscal_year, by_api, first_at, capture_id, COLUMNS('_usd$')
    FROM finer_figure
    WHERE by_api <> by_page
    QUALIFY rank() OVER (
        PARTITION BY programme_id, organization, fiscal_year, by_api ORDER BY first_at DESC
    ) = 1
),
value AS (
    UNPIVOT newest ON COLUMNS('_usd$') INTO NAME measure VALUE usd
)
SELECT
    p.programme_id, p.organization, p.fiscal_year, p.measure,
    p.usd AS page_usd, a.usd AS api_usd,
    if(a.first_at > p.first_at, a.capture_id, p.capture_id) AS capture_id
FROM value AS p
JOIN value AS a
    ON a.programme_id = p.programme_id
    AND a.organization = p.organization
    AND a.fiscal_year IS NOT DISTINCT FROM p.fiscal_year
    AND a.measure = p.measure
    AND a.usd <> p.usd
WHERE a.by_api AND NOT p.by_api;

-- Let the API's cents count where a page prints the same figure in whole dollars: the two are one
-- value, and no vintage begins where only the source changes. A page's figure is that of the API's
-- answer before it, else of the one after it, if it is within half a dollar of it; a rate within half
-- a tenth. Only programmes of which the API has shown figures are changed. Where the newest page and
-- the newest answer differ by more, the newer counts, and the difference is recorded.
-- reads: changed_subject, shown_part, figure_shown
-- writes: figure_shown, finer_figure, vintage.source_difference

CREATE OR REPLACE TEMP TABLE finer_figure AS
WITH mixed AS (
    SELECT *, by_api AS is_exact
    FROM figure_shown
    WHERE programme_id IN (SELECT about FROM shown_part)
),
answered AS (
    SELECT
        programme_id, organization, fiscal_year, first_at,
        last_value(if(is_exact, COLUMNS('_(usd|pct)$'), NULL) IGNORE NULLS) OVER before
    FROM mixed
    WINDOW before AS (
        PARTITION BY programme_id, organization, fiscal_year
        ORDER BY first_at ROWS UNBOUNDED PRECEDING
    )
),
answered_next AS (
    SELECT
        programme_id, organization, fiscal_year, first_at,
        first_value(if(is_exact, COLUMNS('_(usd|pct)$'), NULL) IGNORE NULLS) OVER after
    FROM mixed
    WINDOW after AS (
        PARTITION BY programme_id, organization, fiscal_year
        ORDER BY first_at ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    )
)
SELECT m.* EXCLUDE (is_exact) REPLACE (
    vintage.finer(m.approved_budget_usd, m.is_exact, a.approved_budget_usd, n.approved_budget_usd, 0.5)
        AS approved_budget_usd,
    vintage.finer(m.net_funded_usd, m.is_exact, a.net_funded_usd, n.net_funded_usd, 0.5)
        AS net_funded_usd,
    vintage.finer(m.transfers_usd, m.is_exact, a.transfers_usd, n.transfers_usd, 0.5)
        AS transfers_usd,
    vintage.finer(m.refunds_usd, m.is_exact, a.refunds_usd, n.refunds_usd, 0.5) AS refunds_usd,
    vintage.finer(m.expenditure_usd, m.is_exact, a.expenditure_usd, n.expenditure_usd, 0.5)
        AS expenditure_usd,
    vintage.finer(m.delivery_rate_pct, m.is_exact, a.delivery_rate_pct, n.delivery_rate_pct, 0.05)
        AS delivery_rate_pct
)
FROM mixed AS m
JOIN answered AS a
    ON a.programme_id = m.programme_id
    AND a.organization = m.organization
    AND a.fiscal_year IS NOT DISTINCT FROM m.fiscal_year
    AND a.first_at = m.first_at
JOIN answered_next AS n
    ON n.programme_id = m.programme_id
    AND n.organization = m.organization
    AND n.fiscal_year IS NOT DISTINCT FROM m.fiscal_year
    AND n.first_at = m.first_at;

DELETE FROM figure_shown WHERE programme_id IN (SELECT programme_id FROM finer_figure);

INSERT INTO figure_shown BY NAME FROM finer_figure;

DELETE FROM vintage.source_difference WHERE programme_id IN (FROM changed_subject);

INSERT INTO vintage.source_difference BY NAME
WITH newest AS (
    SELECT programme_id, organization, fiscal_year, by_api, first_at, capture_id, COLUMNS('_usd$')
    FROM finer_figure
    WHERE by_api <> by_page
    QUALIFY row_number() OVER (
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

-- List what each segment shows of each figure, with its basis. A figure of a year and one since the
-- start (no fiscal_year) are rows of one table; a row of dashes has no measure, and shows that the
-- row is there. Rows are merged only where several segments begin at the same second; of a page and
-- the API, the API counts, which has the cents. Nobody has spent in a year that is still to come, so
-- such an expenditure, and its rate, are set aside; budgets and transfers may be of later years.
-- reads: segment, identity, shown_figure
-- writes: figure_shown, vintage.later_year

CREATE OR REPLACE TEMP TABLE figure_shown AS
WITH alone AS (
    SELECT about, first_at
    FROM segment
    GROUP BY about, first_at
    HAVING count(*) = 1
),
shown AS (
    SELECT
        s.about AS programme_id,
        s.first_at,
        s.last_at,
        if(s.page = 0, s.last_at, NULL) AS seen_until,
        s.page AS pages,
        s.capture_id,
        s.from_api AS by_api,
        NOT s.from_api AS by_page,
        f.* EXCLUDE (parse_key)
    FROM segment AS s
    SEMI JOIN alone USING (about, first_at)
    JOIN shown_figure AS f ON f.parse_key = s.parse_key
    UNION ALL BY NAME
    SELECT
        s.about AS programme_id,
        s.first_at,
        max(s.last_at) AS last_at,
        max(s.last_at) FILTER (s.page = 0) AS seen_until,
        bit_or(s.page) AS pages,
        max_by(s.capture_id, (s.parse_key, s.capture_id)) AS capture_id,
        bool_or(s.from_api) AS by_api,
        bool_or(NOT s.from_api) AS by_page,
        f.organization,
        f.fiscal_year,
        max_by(
            COLUMNS(f.* EXCLUDE (parse_key, organization, fiscal_year)), (s.from_api, s.parse_key)
        )
    FROM segment AS s
    ANTI JOIN alone USING (about, first_at)
    JOIN shown_figure AS f ON f.parse_key = s.parse_key
    GROUP BY s.about, f.organization, f.fiscal_year, s.first_at
)
SELECT
    s.*,
    coalesce(*COLUMNS('_(usd|pct)$')) AS any_measure,
    core.basis_of(
        coalesce(s.fiscal_year, core.last_year(i.start_date, i.end_date)), s.first_at, i.seen_status
    ) AS basis
FROM shown AS s
JOIN identity AS i USING (programme_id, first_at);

INSERT INTO vintage.later_year BY NAME
SELECT programme_id, organization, fiscal_year, expenditure_usd, capture_id
FROM figure_shown
WHERE fiscal_year > year(first_at) AND expenditure_usd <> 0;

UPDATE figure_shown
SET
    expenditure_usd = if(expenditure_usd = 0, 0, NULL),
    delivery_rate_pct = NULL,
    any_measure = coalesce(
        approved_budget_usd, net_funded_usd, transfers_usd, refunds_usd,
        if(expenditure_usd = 0, 0, NULL)
    )
WHERE fiscal_year > year(first_at) AND (expenditure_usd <> 0 OR delivery_rate_pct <> 0);

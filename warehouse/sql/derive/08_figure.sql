-- Derive the vintages of figures. What a segment does not show is carried forward: the office's own
-- books across the basis, expenditure within one basis only, the delivery rate until a figure that it
-- depends on changes. A vintage begins where a measure or the basis changes. Checks and the
-- reconciliation are about the newest vintage (is_newest), the newest that has an expenditure
-- (is_newest_spent), beside the expenditure before it, or the one to quote, which is year-end before
-- interim (is_quoted). Each sort of all figures costs as much as ten columns over it, so what a row
-- and the row before it have is found in one, and only `continued` is grouped.
-- reads: figure_shown, vintage.absence
-- writes: changed_figure, vintage.figure

CREATE OR REPLACE TEMP TABLE changed_figure AS
WITH carried AS (
    SELECT
        programme_id, organization, fiscal_year, first_at, basis, organization_printed, capture_id,
        seen_until, pages,
        last_value(
            COLUMNS(lambda name: name LIKE '%_usd' AND name <> 'expenditure_usd') IGNORE NULLS
        ) OVER so_far,
        if(
            last_value(if(expenditure_usd IS NULL, NULL, basis) IGNORE NULLS) OVER so_far = basis,
            last_value(expenditure_usd IGNORE NULLS) OVER so_far,
            NULL
        ) AS expenditure_usd,
        last_value(delivery_rate_pct IGNORE NULLS) OVER so_far AS newest_rate_pct,
        max(if(delivery_rate_pct IS NULL, NULL, first_at)) OVER so_far AS rated_at,
        {
            'basis': lag(basis) OVER so_far,
            'approved_budget_usd': lag(approved_budget_usd IGNORE NULLS) OVER so_far,
            'net_funded_usd': lag(net_funded_usd IGNORE NULLS) OVER so_far,
            'transfers_usd': lag(transfers_usd IGNORE NULLS) OVER so_far,
            'refunds_usd': lag(refunds_usd IGNORE NULLS) OVER so_far,
            'expenditure_usd': if(
                lag(if(expenditure_usd IS NULL, NULL, basis) IGNORE NULLS) OVER so_far
                = lag(basis) OVER so_far,
                lag(expenditure_usd IGNORE NULLS) OVER so_far,
                NULL
            ),
            'newest_rate_pct': lag(delivery_rate_pct IGNORE NULLS) OVER so_far,
            'rated_at': lag(if(delivery_rate_pct IS NULL, NULL, first_at) IGNORE NULLS) OVER so_far
        } AS before
    FROM figure_shown
    WHERE any_measure IS NOT NULL
    WINDOW so_far AS (
        PARTITION BY programme_id, organization, fiscal_year
        ORDER BY first_at ROWS UNBOUNDED PRECEDING
    )
),
compared AS (
    SELECT
        * EXCLUDE (before),
        before.newest_rate_pct AS rate_before_pct,
        before.rated_at AS rated_before_at,
        before.basis IS NULL
        OR expenditure_usd IS DISTINCT FROM before.expenditure_usd
        OR net_funded_usd IS DISTINCT FROM before.net_funded_usd
        OR transfers_usd IS DISTINCT FROM before.transfers_usd
        OR refunds_usd IS DISTINCT FROM before.refunds_usd AS rate_expires,
        basis IS DISTINCT FROM before.basis
        OR approved_budget_usd IS DISTINCT FROM before.approved_budget_usd AS other_changes
    FROM carried
),
rated AS (
    SELECT
        * EXCLUDE (
            newest_rate_pct, rated_at, rate_before_pct, rated_before_at, rate_expires, other_changes
        ),
        max(if(rate_expires, first_at, NULL)) OVER so_far AS expired_at,
        if(rated_at >= expired_at, newest_rate_pct, NULL) AS delivery_rate_pct,
        rate_expires
        OR other_changes
        OR delivery_rate_pct IS DISTINCT FROM if(rated_before_at >= expired_at, rate_before_pct, NULL)
            AS begins,
        lag(expenditure_usd IGNORE NULLS) OVER so_far AS expenditure_before_usd
    FROM compared
    WINDOW so_far AS (
        PARTITION BY programme_id, organization, fiscal_year
        ORDER BY first_at ROWS UNBOUNDED PRECEDING
    )
),
placed AS MATERIALIZED (
    SELECT
        * EXCLUDE (expired_at),
        max(if(begins, first_at, NULL)) OVER (
            PARTITION BY programme_id, organization, fiscal_year
            ORDER BY first_at ROWS UNBOUNDED PRECEDING
        ) AS known_from,
        max(if(begins, first_at, NULL)) OVER whole AS newest_from,
        max(if(begins AND expenditure_usd IS NOT NULL, first_at, NULL)) OVER whole AS spent_from,
        max(if(begins AND basis = 'year_end', first_at, NULL)) OVER whole AS final_from
    FROM rated
    WINDOW whole AS (
        PARTITION BY programme_id, organization, fiscal_year
        ORDER BY first_at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
),
continued AS (
    SELECT
        programme_id, organization, fiscal_year, known_from,
        max(seen_until) AS seen_until,
        bit_or(pages) AS pages
    FROM placed
    WHERE NOT begins
    GROUP BY ALL
)
SELECT
    v.* EXCLUDE (first_at, begins, newest_from, spent_from, final_from) REPLACE (
        greatest(v.seen_until, c.seen_until) AS seen_until,
        v.pages | coalesce(c.pages, 0) AS pages
    ),
    a.gone_at AS no_longer_shown_since,
    v.known_from = v.newest_from AS is_newest,
    coalesce(v.known_from = v.spent_from, false) AS is_newest_spent,
    v.known_from = coalesce(v.final_from, v.newest_from) AS is_quoted
FROM placed AS v
LEFT JOIN continued AS c
    ON c.programme_id = v.programme_id
    AND c.organization = v.organization
    AND c.fiscal_year IS NOT DISTINCT FROM v.fiscal_year
    AND c.known_from = v.known_from
LEFT JOIN (FROM vintage.absence WHERE back_at IS NULL) AS a
    ON a.programme_id = v.programme_id
    AND a.organization = v.organization
    AND a.fiscal_year IS NOT DISTINCT FROM v.fiscal_year
WHERE v.begins;

INSERT INTO vintage.figure BY NAME
SELECT * EXCLUDE (is_newest, is_newest_spent, is_quoted, expenditure_before_usd)
FROM changed_figure;

-- Vintages of figures, annual (fiscal_year) and cumulative (no fiscal_year) alike.

-- What each segment shows of each row; a row of dashes shows that the row is there, and no measure.
-- Only where several segments begin at one second are there rows to be merged.
CREATE OR REPLACE TEMP TABLE shown_row AS
WITH alone AS (
    SELECT about, first_at
    FROM segment
    GROUP BY about, first_at
    HAVING count(*) = 1
),
shown AS (
    SELECT
        s.about AS programme_id,
        f.organization,
        f.fiscal_year,
        s.first_at,
        s.last_at,
        if(s.page = 0, s.last_at, NULL) AS seen_until,
        s.page AS pages,
        f.organization_printed,
        f.approved_budget_usd,
        f.net_funded_usd,
        f.transfers_usd,
        f.refunds_usd,
        f.expenditure_usd,
        f.delivery_rate_pct,
        s.capture_id
    FROM segment AS s
    SEMI JOIN alone USING (about, first_at)
    JOIN observed.figure AS f USING (body_sha256)
    UNION ALL BY NAME
    SELECT
        s.about AS programme_id,
        f.organization,
        f.fiscal_year,
        s.first_at,
        max(s.last_at) AS last_at,
        max(s.last_at) FILTER (s.page = 0) AS seen_until,
        bit_or(s.page) AS pages,
        max_by(f.organization_printed, body_sha256) AS organization_printed,
        max_by(f.approved_budget_usd, body_sha256) AS approved_budget_usd,
        max_by(f.net_funded_usd, body_sha256) AS net_funded_usd,
        max_by(f.transfers_usd, body_sha256) AS transfers_usd,
        max_by(f.refunds_usd, body_sha256) AS refunds_usd,
        max_by(f.expenditure_usd, body_sha256) AS expenditure_usd,
        max_by(f.delivery_rate_pct, body_sha256) AS delivery_rate_pct,
        max_by(s.capture_id, (body_sha256, s.capture_id)) AS capture_id
    FROM segment AS s
    ANTI JOIN alone USING (about, first_at)
    JOIN observed.figure AS f USING (body_sha256)
    GROUP BY s.about, f.organization, f.fiscal_year, s.first_at
)
SELECT
    *,
    coalesce(approved_budget_usd, net_funded_usd, transfers_usd, refunds_usd, expenditure_usd,
        delivery_rate_pct) IS NOT NULL AS measured
FROM shown;

-- Absences: from the first capture, after a row was shown, whose table of that kind was read in full
-- and lacked it, until the row shows a measure again (back_at), if it does. A row of dashes keeps its
-- place, so that nothing is gone by it; but it brings no figure back.
CREATE OR REPLACE TEMP TABLE absence AS
WITH shown AS (
    SELECT
        programme_id,
        organization,
        fiscal_year,
        max(last_at) OVER so_far AS until,
        lead(first_at) OVER so_far AS next_at,
        first_value(if(measured, first_at, NULL) IGNORE NULLS) OVER (
            so_far ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS back_at
    FROM shown_row
    WINDOW so_far AS (
        PARTITION BY programme_id, organization, fiscal_year ORDER BY first_at
    )
)
SELECT r.programme_id, r.organization, r.fiscal_year, min(s.first_at) AS gone_at, r.back_at
FROM shown AS r
JOIN segment AS s
    ON s.about = r.programme_id
    AND s.first_at > r.until
    AND coalesce(s.first_at < r.next_at, true)
JOIN observed.figure_table AS t
    ON t.body_sha256 = s.body_sha256
    AND t.read_in_full
    AND t.by_year = (r.fiscal_year IS NOT NULL)
    AND t.by_organization = (r.organization <> '(all)')
GROUP BY r.programme_id, r.organization, r.fiscal_year, r.back_at;

DELETE FROM vintage.absence WHERE programme_id IN (FROM touched);

INSERT INTO vintage.absence BY NAME FROM absence;

-- The rows that show a measure, each with its basis.
CREATE OR REPLACE TEMP TABLE based_row AS
SELECT
    r.* EXCLUDE (measured),
    core.basis_of(coalesce(r.fiscal_year, year(i.end_date)), r.first_at, i.seen_status)
        AS basis
FROM shown_row AS r
JOIN identity AS i USING (programme_id, first_at)
WHERE r.measured;

-- The office's own books carry forward across the basis, expenditure within one basis only.
CREATE OR REPLACE TEMP TABLE figure_vintage AS
WITH carried AS (
    SELECT
        * REPLACE (
            last_value(approved_budget_usd IGNORE NULLS) OVER so_far AS approved_budget_usd,
            last_value(net_funded_usd IGNORE NULLS) OVER so_far AS net_funded_usd,
            last_value(transfers_usd IGNORE NULLS) OVER so_far AS transfers_usd,
            last_value(refunds_usd IGNORE NULLS) OVER so_far AS refunds_usd
        ),
        last_value(
            CASE WHEN expenditure_usd IS NOT NULL THEN {'usd': expenditure_usd, 'basis': basis} END
            IGNORE NULLS
        ) OVER so_far AS spent
    FROM based_row
    WINDOW so_far AS (
        PARTITION BY programme_id, organization, fiscal_year
        ORDER BY first_at ROWS UNBOUNDED PRECEDING
    )
),
spent AS (
    SELECT
        * EXCLUDE (spent) REPLACE (
            CASE WHEN spent.basis = basis THEN spent.usd END AS expenditure_usd
        )
    FROM carried
),
-- The delivery rate carries forward only while nothing that it depends on has changed.
moved AS (
    SELECT
        *,
        (expenditure_usd, net_funded_usd, transfers_usd, refunds_usd) IS DISTINCT FROM
        lag((expenditure_usd, net_funded_usd, transfers_usd, refunds_usd)) OVER earlier AS moves
    FROM spent
    WINDOW earlier AS (
        PARTITION BY programme_id, organization, fiscal_year ORDER BY first_at
    )
),
timed AS (
    SELECT
        * EXCLUDE (moves),
        max(first_at) FILTER (moves) OVER so_far AS moved_at,
        last_value(
            if(delivery_rate_pct IS NOT NULL, {'pct': delivery_rate_pct, 'at': first_at}, NULL)
            IGNORE NULLS
        ) OVER so_far AS rate
    FROM moved
    WINDOW so_far AS (
        PARTITION BY programme_id, organization, fiscal_year
        ORDER BY first_at ROWS UNBOUNDED PRECEDING
    )
),
rated AS (
    SELECT * EXCLUDE (moved_at, rate) REPLACE (
        if(rate.at >= moved_at, rate.pct, NULL) AS delivery_rate_pct
    )
    FROM timed
),
begun AS (
    SELECT
        *,
        (basis, approved_budget_usd, net_funded_usd, transfers_usd, refunds_usd, expenditure_usd,
            delivery_rate_pct) IS DISTINCT FROM
        lag((basis, approved_budget_usd, net_funded_usd, transfers_usd, refunds_usd,
            expenditure_usd, delivery_rate_pct)) OVER (
            PARTITION BY programme_id, organization, fiscal_year ORDER BY first_at
        ) AS begins
    FROM rated
),
numbered AS (
    SELECT *, count(*) FILTER (begins) OVER (
        PARTITION BY programme_id, organization, fiscal_year ORDER BY first_at
    ) AS vintage
    FROM begun
),
vintage AS (
    SELECT
        programme_id,
        organization,
        fiscal_year,
        any_value(basis) AS basis,
        min(first_at) AS known_from,
        any_value(approved_budget_usd) AS approved_budget_usd,
        any_value(net_funded_usd) AS net_funded_usd,
        any_value(transfers_usd) AS transfers_usd,
        any_value(refunds_usd) AS refunds_usd,
        any_value(expenditure_usd) AS expenditure_usd,
        any_value(delivery_rate_pct) AS delivery_rate_pct,
        arg_min(organization_printed, first_at) AS organization_printed,
        max(seen_until) AS seen_until,
        bit_or(pages) AS pages,
        arg_min(capture_id, first_at) AS capture_id
    FROM numbered
    GROUP BY programme_id, organization, fiscal_year, vintage
)
SELECT v.*, g.gone_at AS no_longer_shown_since
FROM vintage AS v
LEFT JOIN absence AS g
    ON g.programme_id = v.programme_id
    AND g.organization = v.organization
    AND g.fiscal_year IS NOT DISTINCT FROM v.fiscal_year
    AND g.back_at IS NULL;

DELETE FROM vintage.figure WHERE programme_id IN (FROM touched);

INSERT INTO vintage.figure BY NAME FROM figure_vintage;

-- The newest vintage of each annual figure, which checks are about.
CREATE OR REPLACE TEMP TABLE newest_figure AS
FROM figure_vintage
WHERE fiscal_year IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY programme_id, organization, fiscal_year ORDER BY known_from DESC
) = 1;

-- Restatements: a measure that a page shows as year-end, after another page showed another value of
-- it as year-end. What is carried forward counts for nothing here: nobody saw it.
DELETE FROM vintage.restatement WHERE programme_id IN (FROM touched);

INSERT INTO vintage.restatement BY NAME
WITH final AS (
    FROM based_row
    WHERE basis = 'year_end' AND fiscal_year IS NOT NULL
),
varying AS (
    SELECT
        programme_id,
        organization,
        fiscal_year,
        min(approved_budget_usd) < max(approved_budget_usd) AS approved_budget_usd,
        min(net_funded_usd) < max(net_funded_usd) AS net_funded_usd,
        min(transfers_usd) < max(transfers_usd) AS transfers_usd,
        min(refunds_usd) < max(refunds_usd) AS refunds_usd,
        min(expenditure_usd) < max(expenditure_usd) AS expenditure_usd,
        min(delivery_rate_pct) < max(delivery_rate_pct) AS delivery_rate_pct
    FROM final
    GROUP BY programme_id, organization, fiscal_year
),
measured AS (
    SELECT f.programme_id, f.organization, f.fiscal_year, f.first_at, f.capture_id, m.measure,
        m.value
    FROM final AS f
    JOIN varying AS v USING (programme_id, organization, fiscal_year)
    CROSS JOIN LATERAL (
        VALUES
            ('approved_budget_usd', f.approved_budget_usd::DECIMAL(18, 4), v.approved_budget_usd),
            ('net_funded_usd', f.net_funded_usd::DECIMAL(18, 4), v.net_funded_usd),
            ('transfers_usd', f.transfers_usd::DECIMAL(18, 4), v.transfers_usd),
            ('refunds_usd', f.refunds_usd::DECIMAL(18, 4), v.refunds_usd),
            ('expenditure_usd', f.expenditure_usd::DECIMAL(18, 4), v.expenditure_usd),
            ('delivery_rate_pct', f.delivery_rate_pct::DECIMAL(18, 4), v.delivery_rate_pct)
    ) AS m (measure, value, varies)
    WHERE m.varies AND m.value IS NOT NULL
),
followed AS (
    SELECT
        *,
        lag(value) OVER earlier AS value_before,
        lag(capture_id) OVER earlier AS capture_id_before
    FROM measured
    WINDOW earlier AS (
        PARTITION BY programme_id, organization, fiscal_year, measure ORDER BY first_at
    )
),
begun AS (
    SELECT
        * EXCLUDE (value_before),
        lag(value) OVER earlier AS old_value,
        lag(first_at) OVER earlier AS old_known_from
    FROM followed
    WHERE value IS DISTINCT FROM value_before
    WINDOW earlier AS (
        PARTITION BY programme_id, organization, fiscal_year, measure ORDER BY first_at
    )
)
SELECT * EXCLUDE (value, first_at), value AS new_value, first_at AS restated_at
FROM begun
WHERE old_value IS NOT NULL;

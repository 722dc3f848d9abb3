-- What each segment shows of each figure, annual (fiscal_year) and cumulative (no fiscal_year) alike,
-- with its basis; a row of dashes shows that the row is there, and no measure. Only where several
-- segments begin at one second are there rows to be merged.
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
    s.*,
    core.basis_of(coalesce(s.fiscal_year, year(i.end_date)), s.first_at, i.seen_status) AS basis
FROM shown AS s
JOIN identity AS i USING (programme_id, first_at)

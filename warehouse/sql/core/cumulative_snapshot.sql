CREATE OR REPLACE VIEW core.cumulative_snapshot AS
SELECT
    v.programme_id,
    v.organization,
    v.basis,
    v.known_from,
    v.approved_budget_usd,
    v.net_funded_usd,
    v.transfers_usd,
    v.refunds_usd,
    v.expenditure_usd,
    v.delivery_rate_pct,
    v.organization_printed,
    greatest(v.seen_until, s.last_at) AS last_seen,
    v.no_longer_shown_since,
    v.capture_id
FROM vintage.figure AS v
LEFT JOIN vintage.last_shown AS s ON s.about = v.programme_id AND s.pages = v.pages
WHERE v.fiscal_year IS NULL;

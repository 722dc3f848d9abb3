-- The figure to quote today, by year and organization: year-end before interim, then the newest.
SELECT
    e.programme_id,
    e.fiscal_year,
    e.organization,
    e.approved_budget_usd,
    e.net_funded_usd,
    e.transfers_usd,
    e.refunds_usd,
    e.expenditure_usd,
    e.delivery_rate_pct,
    e.basis,
    e.failed_checks,
    e.known_from,
    e.last_seen,
    e.source_url,
    e.captured_at,
    c.body_sha256,
    e.capture_id
FROM mart.expenditure_current AS e
JOIN raw.capture AS c USING (capture_id)
WHERE e.programme_id BETWEEN $first AND $last
ORDER BY e.programme_id, e.fiscal_year DESC, e.organization;

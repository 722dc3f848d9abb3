-- What was known of each figure at the end of each day: the times over which it was shown so.
SELECT
    s.programme_id,
    s.fiscal_year,
    s.organization,
    s.approved_budget_usd,
    s.net_funded_usd,
    s.transfers_usd,
    s.refunds_usd,
    s.expenditure_usd,
    s.delivery_rate_pct,
    s.basis,
    s.known_from,
    s.shown_from,
    s.shown_until,
    s.capture_id
FROM mart.figure_span AS s
WHERE s.programme_id BETWEEN $first AND $last
    AND (s.shown_until IS NULL OR s.shown_from::DATE < s.shown_until::DATE)
ORDER BY s.programme_id, s.fiscal_year DESC, s.organization, s.shown_from;

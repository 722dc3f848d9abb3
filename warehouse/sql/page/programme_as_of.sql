-- The figures of a programme as they were known at the end of a day.
SELECT
    a.programme_id,
    a.fiscal_year,
    a.organization,
    a.approved_budget_usd,
    a.net_funded_usd,
    a.transfers_usd,
    a.refunds_usd,
    a.expenditure_usd,
    a.delivery_rate_pct,
    a.basis,
    a.known_from,
    a.capture_id
FROM mart.as_of(DATE '2016-06-15') AS a
WHERE a.programme_id BETWEEN $first AND $last
ORDER BY a.programme_id, a.fiscal_year DESC, a.organization;

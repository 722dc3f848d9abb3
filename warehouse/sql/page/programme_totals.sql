-- Figures since the programme's start, where its page shows them without years: the newest ones.
SELECT
    t.programme_id,
    t.organization,
    t.approved_budget_usd,
    t.net_funded_usd,
    t.transfers_usd,
    t.refunds_usd,
    t.expenditure_usd,
    t.delivery_rate_pct,
    t.basis,
    t.known_from,
    t.last_seen,
    c.url AS source_url,
    c.captured_at,
    c.body_sha256,
    t.capture_id
FROM core.cumulative_snapshot AS t
JOIN raw.capture AS c USING (capture_id)
WHERE t.programme_id BETWEEN $first AND $last AND t.no_longer_shown_since IS NULL
QUALIFY rank() OVER (
    PARTITION BY t.programme_id, t.organization
    ORDER BY t.basis = 'year_end' DESC, t.known_from DESC
) = 1
    AND (
        t.organization <> '(all)'
        OR NOT bool_or(t.organization <> '(all)') OVER (PARTITION BY t.programme_id)
    )
ORDER BY t.programme_id, t.organization;

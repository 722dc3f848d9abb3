-- The figures in some captured answers of the API, unchanged ones included.
WITH answer AS (
    SELECT DISTINCT parse_key
    FROM raw.capture
    WHERE source = 'gateway' AND state = 'loaded' AND page_kind = 'api_answer'
        AND captured_at BETWEEN $first AND $last
        AND capture_id IN (SELECT unnest(string_split($captures, ' ')))
)
SELECT coalesce(sum(figures), 0)::BIGINT
FROM (
    SELECT count(approved_budget_usd) + count(net_funded_usd) + count(expenditure_usd)
        + count(delivery_rate_pct) + count(fund_count) AS figures
    FROM observed.organization_figure
    SEMI JOIN answer USING (parse_key)
    UNION ALL
    SELECT count(commitments_usd) + count(deposits_usd)
    FROM observed.contribution
    SEMI JOIN answer USING (parse_key)
    UNION ALL
    SELECT count(f.approved_budget_usd) + count(f.net_funded_usd) + count(f.transfers_usd)
        + count(f.refunds_usd) + count(f.expenditure_usd) + count(f.delivery_rate_pct)
    FROM observed.part AS p
    SEMI JOIN answer USING (parse_key)
    JOIN observed.figure AS f ON f.parse_key = p.part_key
)

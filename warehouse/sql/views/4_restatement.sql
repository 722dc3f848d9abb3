-- mart.restatement: every year-end figure that changed after it was first final, measure by measure
-- Only what the source changed: where another version of the parser read the later page than the
-- earlier one, the change may be ours, and is left out until both are read by the same.
-- measure: the measure that changed, by its column's name
-- old_value [US$ or percent]: the year-end figure before
-- new_value [US$ or percent]: the year-end figure after
-- change [US$ or percent]: new less old
-- restated_at [UTC]: capture time from which the new figure was shown
-- old_known_from [UTC]: capture time from which the old figure was shown
-- source_url: address of the page that first showed the new figure
CREATE OR REPLACE VIEW mart.restatement AS
WITH final AS (
    SELECT v.*, b.parser_version
    FROM mart.expenditure_vintage AS v
    JOIN raw.capture AS c USING (capture_id)
    JOIN observed.body AS b USING (body_sha256)
    QUALIFY v.organization <> '(all)'
        OR NOT bool_or(v.organization <> '(all)') OVER (PARTITION BY v.programme_id, v.fiscal_year)
),
measured AS (
    SELECT f.*, m.measure, m.new_value
    FROM final AS f
    CROSS JOIN LATERAL (
        VALUES
            ('approved_budget_usd', f.approved_budget_usd::DECIMAL(18, 4)),
            ('net_funded_usd', f.net_funded_usd::DECIMAL(18, 4)),
            ('transfers_usd', f.transfers_usd::DECIMAL(18, 4)),
            ('refunds_usd', f.refunds_usd::DECIMAL(18, 4)),
            ('expenditure_usd', f.expenditure_usd::DECIMAL(18, 4)),
            ('delivery_rate_pct', f.delivery_rate_pct::DECIMAL(18, 4))
    ) AS m (measure, new_value)
    WHERE f.basis = 'year_end' AND m.new_value IS NOT NULL
),
compared AS (
    SELECT
        *,
        lag(new_value) OVER earlier AS old_value,
        lag(known_from) OVER earlier AS old_known_from,
        lag(parser_version) OVER earlier AS old_parser
    FROM measured
    WINDOW earlier AS (
        PARTITION BY programme_id, organization, fiscal_year, measure ORDER BY known_from
    )
)
SELECT
    programme_id,
    title,
    fund_code,
    fund_name,
    country,
    organization,
    fiscal_year,
    basis,
    measure,
    old_value,
    new_value,
    new_value - old_value AS change,
    known_from AS restated_at,
    old_known_from,
    currency,
    source_url,
    capture_id
FROM compared
WHERE new_value <> old_value AND parser_version = old_parser;

-- Find the pairs of bodies that contradict each other: both show some field, with different values.
-- Only bodies of one subject that were shown within the same time (interleaved), or that are the
-- newest of their pages, are compared. Figures of the API are compared one by one, and with a page's
-- as far as that is rounded: to a dollar, and a tenth of a percent.
-- reads: page_segment, shown_part, shown_body, shown_programme, shown_fund, shown_voucher, shown_figure
-- writes: contradiction

CREATE OR REPLACE TEMP TABLE contradiction AS
WITH pair AS MATERIALIZED (
    SELECT
        a.about,
        a.parse_key AS one_body,
        b.parse_key AS other_body,
        bool_or(a.first_at <= b.last_at AND b.first_at <= a.last_at) AS interleaved
    FROM page_segment AS a
    JOIN page_segment AS b ON a.about = b.about AND a.parse_key < b.parse_key
    WHERE a.newest AND b.newest OR a.first_at <= b.last_at AND b.first_at <= a.last_at
    GROUP BY a.about, a.parse_key, b.parse_key
),
paired AS MATERIALIZED (
    SELECT one_body AS parse_key FROM pair
    UNION
    SELECT other_body AS parse_key FROM pair
),
body AS (
    SELECT parse_key, COLUMNS(* EXCLUDE (parse_key, content_digest, is_cut))::VARCHAR
    FROM shown_body
    SEMI JOIN paired USING (parse_key)
),
identity_block AS (
    SELECT parse_key, COLUMNS(* EXCLUDE (parse_key))::VARCHAR
    FROM shown_programme
    SEMI JOIN paired USING (parse_key)
),
fund AS (
    SELECT parse_key, COLUMNS(* EXCLUDE (parse_key))::VARCHAR
    FROM shown_fund
    SEMI JOIN paired USING (parse_key)
),
-- UNPIVOT leaves NULLs out: a field that a page does not show contradicts nothing.
field AS MATERIALIZED (
    SELECT 'body' AS part, *
    FROM (UNPIVOT body ON COLUMNS(* EXCLUDE (parse_key)) INTO NAME field VALUE value)
    UNION ALL
    SELECT 'programme', *
    FROM (UNPIVOT identity_block ON COLUMNS(* EXCLUDE (parse_key)) INTO NAME field VALUE value)
    UNION ALL
    SELECT 'fund', *
    FROM (UNPIVOT fund ON COLUMNS(* EXCLUDE (parse_key)) INTO NAME field VALUE value)
    UNION ALL
    SELECT 'voucher', parse_key,
        -- Without its date, which a page that shows the same voucher may lack.
        to_json([core.voucher_key(voucher_number), organization, amount_usd::VARCHAR])::VARCHAR,
        status
    FROM shown_voucher
    SEMI JOIN paired USING (parse_key)
    WHERE status IS NOT NULL
),
-- By itself, so that fields are never joined to those of all other pairs.
shown AS MATERIALIZED (
    SELECT pair.*, part, field, value
    FROM pair
    JOIN field ON parse_key = one_body
)
SELECT about, one_body, other_body, interleaved
FROM shown AS one
JOIN field AS other
    ON other.parse_key = one.other_body
    AND other.part = one.part
    AND other.field = one.field
WHERE other.value <> one.value
UNION
SELECT about, one_body, other_body, interleaved
FROM (
    SELECT
        *,
        if(one_from_api AND other_from_api, 0, 0.5) AS dollar,
        if(one_from_api AND other_from_api, 0, 0.05) AS percent
    FROM (
        SELECT
            *,
            one_body IN (SELECT parse_key FROM shown_part) AS one_from_api,
            other_body IN (SELECT parse_key FROM shown_part) AS other_from_api
        FROM pair
    )
    WHERE one_from_api OR other_from_api
) AS compared
JOIN shown_figure AS one ON one.parse_key = one_body
JOIN shown_figure AS other
    ON other.parse_key = other_body
    AND other.organization = one.organization
    AND other.fiscal_year IS NOT DISTINCT FROM one.fiscal_year
WHERE abs(one.approved_budget_usd - other.approved_budget_usd) > dollar
    OR abs(one.net_funded_usd - other.net_funded_usd) > dollar
    OR abs(one.transfers_usd - other.transfers_usd) > dollar
    OR abs(one.refunds_usd - other.refunds_usd) > dollar
    OR abs(one.expenditure_usd - other.expenditure_usd) > dollar
    OR abs(one.delivery_rate_pct - other.delivery_rate_pct) > percent;

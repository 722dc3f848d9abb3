-- mart.voucher_reconciliation: vouchers against transfers, by programme and organization
-- Vouchers are shown from 1 January 2009 on; what was transferred before stands apart. Transfers are
-- those by year, or where a programme's page has no years, those since its start: for a programme
-- that began before 2009 the part before is then unknown, and with it the difference.
-- transfers_usd [US$]: all transfers, of the figures to quote today
-- transfers_before_2009_usd [US$]: the part of them before 2009; NULL where years are not known
-- transfers_since_2009_usd [US$]: the part that vouchers should explain; NULL where not known
-- vouchers: vouchers shown
-- vouchers_usd [US$]: their sum
-- difference_usd [US$]: vouchers less transfers since 2009; NULL where these are not known
-- tolerance_usd [US$]: how far printed figures, each rounded by itself, may miss
-- agrees: whether they agree within the tolerance; NULL where that cannot be said
-- currency: currency of every amount in the row
CREATE OR REPLACE VIEW mart.voucher_reconciliation AS
WITH since_start AS (
    FROM core.cumulative_snapshot
    WHERE no_longer_shown_since IS NULL
    QUALIFY row_number() OVER (
        PARTITION BY programme_id, organization ORDER BY basis = 'year_end' DESC, known_from DESC
    ) = 1
),
annual AS (
    SELECT
        programme_id,
        organization,
        sum(transfers_usd) AS transfers_usd,
        coalesce(sum(transfers_usd) FILTER (fiscal_year < 2009), 0) AS before_usd,
        count(transfers_usd) AS figures
    FROM mart.expenditure_current
    WHERE transfers_usd IS NOT NULL
    GROUP BY programme_id, organization
),
whole AS (
    SELECT s.programme_id, s.organization, s.transfers_usd, 1 AS figures,
        if(year(p.start_date) >= 2009, 0, NULL) AS before_usd
    FROM since_start AS s
    LEFT JOIN mart.programme_current AS p USING (programme_id)
    WHERE s.transfers_usd IS NOT NULL
        AND s.programme_id NOT IN (SELECT programme_id FROM annual)
    QUALIFY s.organization <> '(all)'
        OR NOT bool_or(s.organization <> '(all)') OVER (PARTITION BY s.programme_id)
),
transferred AS (
    FROM annual
    UNION ALL BY NAME
    FROM whole
),
-- Where transfers name no organization, vouchers are compared with them as a whole.
paid AS (
    SELECT
        v.programme_id,
        if(
            bool_or(t.organization = '(all)'), '(all)', coalesce(v.organization, '(all)')
        ) AS organization,
        v.voucher_number,
        v.line_no,
        any_value(v.amount_usd) AS amount_usd
    FROM core.voucher AS v
    LEFT JOIN transferred AS t USING (programme_id)
    GROUP BY v.programme_id, v.organization, v.voucher_number, v.line_no
),
vouchers AS (
    SELECT programme_id, organization, count(*) AS vouchers, sum(amount_usd) AS vouchers_usd
    FROM paid
    GROUP BY programme_id, organization
),
compared AS (
    SELECT
        programme_id,
        organization,
        t.transfers_usd,
        t.before_usd,
        t.transfers_usd - t.before_usd AS since_usd,
        coalesce(v.vouchers, 0) AS vouchers,
        coalesce(v.vouchers_usd, 0) AS vouchers_usd,
        (coalesce(t.figures, 0) + 1) / 2 AS tolerance_usd
    FROM transferred AS t
    FULL JOIN vouchers AS v USING (programme_id, organization)
)
SELECT
    c.programme_id,
    p.title,
    p.fund_code,
    p.fund_name,
    c.organization,
    c.transfers_usd::DECIMAL(18, 2) AS transfers_usd,
    c.before_usd::DECIMAL(18, 2) AS transfers_before_2009_usd,
    c.since_usd::DECIMAL(18, 2) AS transfers_since_2009_usd,
    c.vouchers,
    c.vouchers_usd::DECIMAL(18, 2) AS vouchers_usd,
    (c.vouchers_usd - c.since_usd)::DECIMAL(18, 2) AS difference_usd,
    c.tolerance_usd::DECIMAL(18, 2) AS tolerance_usd,
    abs(c.vouchers_usd - c.since_usd) <= c.tolerance_usd AS agrees,
    'USD' AS currency,
    p.source_url,
    p.captured_at
FROM compared AS c
LEFT JOIN mart.programme_current AS p USING (programme_id);

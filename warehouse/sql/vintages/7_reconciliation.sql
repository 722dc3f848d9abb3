-- Vouchers against transfers, by programme and organization, of the figures to quote today. Vouchers
-- are shown from 1 January 2009 on; what was transferred before stands apart.

DELETE FROM vintage.reconciliation WHERE programme_id IN (FROM touched);

INSERT INTO vintage.reconciliation BY NAME
WITH annual AS (
    SELECT
        programme_id,
        organization,
        sum(transfers_usd) AS transfers_usd,
        coalesce(sum(transfers_usd) FILTER (fiscal_year < 2009), 0) AS transfers_before_2009_usd,
        count(*) FILTER (fiscal_year >= 2009) AS figures,
        max_by(capture_id, (known_from, capture_id)) AS capture_id
    FROM current_figure
    WHERE fiscal_year IS NOT NULL AND transfers_usd IS NOT NULL
    GROUP BY programme_id, organization
),
started AS (
    SELECT programme_id, max_by(start_date, known_from) AS start_date
    FROM core.programme
    WHERE programme_id IN (FROM touched) AND start_date IS NOT NULL
    GROUP BY programme_id
),
since_start AS (
    SELECT f.programme_id, f.organization, f.transfers_usd, 1 AS figures, f.capture_id,
        if(year(s.start_date) >= 2009, 0, NULL) AS transfers_before_2009_usd
    FROM current_figure AS f
    LEFT JOIN started AS s USING (programme_id)
    ANTI JOIN annual AS a ON a.programme_id = f.programme_id
    WHERE f.fiscal_year IS NULL AND f.transfers_usd IS NOT NULL
),
transferred AS (
    FROM annual
    UNION ALL BY NAME
    FROM since_start
),
-- Where transfers name no organization, vouchers are compared with them as a whole.
nameless AS (
    SELECT DISTINCT programme_id FROM transferred WHERE organization = '(all)'
),
paid AS (
    SELECT
        programme_id,
        if(
            programme_id IN (FROM nameless), '(all)', coalesce(organization, '(all)')
        ) AS organization,
        count(*) AS vouchers,
        sum(amount_usd) AS vouchers_usd,
        min_by(capture_id, (first_seen, capture_id)) AS capture_id
    FROM vintage.voucher
    WHERE programme_id IN (FROM touched)
    GROUP BY ALL
)
SELECT
    programme_id,
    organization,
    t.transfers_usd,
    t.transfers_before_2009_usd,
    -- A programme of which no voucher is shown has no list of vouchers, rather than an empty one.
    if(programme_id IN (SELECT programme_id FROM paid), coalesce(p.vouchers, 0), NULL) AS vouchers,
    if(programme_id IN (SELECT programme_id FROM paid), coalesce(p.vouchers_usd, 0), NULL)
        AS vouchers_usd,
    (coalesce(t.figures, 0) + 1) / 2 AS tolerance_usd,
    coalesce(t.capture_id, p.capture_id) AS capture_id
FROM transferred AS t
FULL JOIN paid AS p USING (programme_id, organization);

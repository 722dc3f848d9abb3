-- Set vouchers against transfers, by programme and organization, of the figures to quote today. Pages
-- show vouchers from 1 January 2009 on; earlier transfers stand apart. A sum too large for an amount
-- is NULL: DECIMAL(17,2) leaves room for the difference of two sums.
-- reads: changed_subject, current_figure, vintage.voucher, core.programme
-- writes: vintage.reconciliation

INSERT INTO vintage.reconciliation BY NAME
WITH transfer AS (
    SELECT programme_id, organization, fiscal_year, transfers_usd, known_from, capture_id
    FROM current_figure
    WHERE transfers_usd IS NOT NULL
),
voucher AS (
    SELECT programme_id, organization, amount_usd, first_seen, capture_id
    FROM vintage.voucher
    WHERE programme_id IN (FROM changed_subject)
),
by_year AS (
    SELECT DISTINCT programme_id FROM transfer WHERE fiscal_year IS NOT NULL
),
counted AS (
    FROM transfer
    WHERE (fiscal_year IS NOT NULL) = (programme_id IN (FROM by_year))
),
-- Where a transfer or a voucher names no organization, all of them are compared as a whole.
nameless AS (
    SELECT programme_id FROM counted WHERE organization = '(all)'
    UNION
    SELECT programme_id FROM voucher WHERE organization IS NULL
),
started AS (
    SELECT programme_id, max_by(start_date, known_from) AS start_date
    FROM core.programme
    WHERE programme_id IN (FROM changed_subject) AND start_date IS NOT NULL
    GROUP BY programme_id
),
transferred AS (
    SELECT
        programme_id,
        if(programme_id IN (FROM nameless), '(all)', organization) AS organization,
        try_cast(sum(transfers_usd) AS DECIMAL(17, 2)) AS transfers_usd,
        -- Figures since the start say what was before 2009 only where all of it is later.
        CASE
            WHEN count(fiscal_year) > 0
                THEN try_cast(
                    coalesce(sum(transfers_usd) FILTER (fiscal_year < 2009), 0) AS DECIMAL(17, 2)
                )
            WHEN year(any_value(start_date)) >= 2009 THEN 0
        END AS transfers_before_2009_usd,
        count(*) FILTER (coalesce(fiscal_year, 2009) >= 2009) AS figures,
        max_by(capture_id, (known_from, capture_id)) AS capture_id
    FROM counted
    LEFT JOIN started USING (programme_id)
    GROUP BY ALL
),
paid AS (
    SELECT
        programme_id,
        if(programme_id IN (FROM nameless), '(all)', organization) AS organization,
        count(*) AS vouchers,
        try_cast(sum(amount_usd) AS DECIMAL(17, 2)) AS vouchers_usd,
        min_by(capture_id, (first_seen, capture_id)) AS capture_id
    FROM voucher
    GROUP BY ALL
)
SELECT
    programme_id,
    organization,
    t.transfers_usd,
    t.transfers_before_2009_usd,
    -- A programme of which no voucher is shown has no list of vouchers, rather than an empty one.
    if(programme_id IN (SELECT programme_id FROM paid), coalesce(p.vouchers, 0), NULL) AS vouchers,
    if(
        p.vouchers IS NULL AND programme_id IN (SELECT programme_id FROM paid), 0, p.vouchers_usd
    ) AS vouchers_usd,
    (coalesce(t.figures, 0) + 1) / 2 AS tolerance_usd,
    coalesce(t.capture_id, p.capture_id) AS capture_id
FROM transferred AS t
FULL JOIN paid AS p USING (programme_id, organization);

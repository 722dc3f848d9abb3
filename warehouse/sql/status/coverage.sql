-- What the warehouse covers. A programme is known from a list or a page, as `mptf sync` counts it.
SELECT
    (SELECT count(*) FROM vintage.known_programmes()) AS programmes_known,
    (SELECT count(*) FROM mart.programme_known) AS programmes,
    (SELECT count(*) FROM raw.capture) AS captures,
    (SELECT min(captured_at) FROM raw.capture WHERE state = 'loaded') AS first_captured_at,
    (SELECT max(captured_at) FROM raw.capture WHERE state = 'loaded') AS last_captured_at,
    (
        SELECT count(DISTINCT programme_id)
        FROM (
            SELECT programme_id FROM core.expenditure_snapshot
            UNION
            SELECT programme_id FROM core.cumulative_snapshot
        )
    ) AS programmes_with_figures,
    (SELECT count(*) FROM core.expenditure_snapshot) AS annual_vintages,
    (SELECT count(*) FROM core.cumulative_snapshot) AS cumulative_vintages,
    (SELECT count(*) FROM core.voucher) AS vouchers,
    (SELECT count(DISTINCT fund_code) FROM core.fund) AS funds,
    (SELECT count(DISTINCT fund_code) FROM core.funding_status) AS funds_with_statement

-- What this release covers, and how fresh it is.
SELECT
    (SELECT count(DISTINCT programme_id) FROM core.programme) AS programmes,
    (SELECT count(DISTINCT fund_code) FROM mart.programme_current) AS funds,
    (SELECT count(*) FROM raw.capture) AS captures,
    (SELECT min(captured_at) FROM raw.capture WHERE state = 'loaded') AS oldest_capture,
    (SELECT max(captured_at) FROM raw.capture WHERE state = 'loaded') AS newest_capture,
    count(*) AS figures,
    count(*) FILTER (basis = 'interim') AS interim_figures,
    sum(transfers_usd)::DECIMAL(18, 2) AS transfers_usd,
    sum(expenditure_usd)::DECIMAL(18, 2) AS expenditure_usd,
    if(min(basis) <> max(basis), 'mixed', min(basis)) AS basis,
    (sum(expenditure_usd) FILTER (basis = 'interim'))::DECIMAL(18, 2) AS interim_usd,
    count(DISTINCT programme_id) AS programmes_by_year,
    (
        SELECT count(DISTINCT programme_id)
        FROM core.cumulative_snapshot
        WHERE programme_id NOT IN (SELECT programme_id FROM core.expenditure_snapshot)
    ) AS programmes_since_start_only,
    (SELECT count(*) FROM mart.restatement) AS restatements,
    (SELECT count(*) FROM mart.missing_year_end) AS missing_year_end,
    count(failed_checks) AS figures_with_failed_checks
FROM mart.expenditure_current;

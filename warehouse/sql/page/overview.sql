-- Coverage and age of this release.
SELECT
    (SELECT count(*) FROM mart.programme_known) AS programmes,
    (
        SELECT count(fund_code)
        FROM (
            SELECT fund_code FROM mart.programme_current
            UNION
            SELECT fund_code FROM core.fund
            UNION
            SELECT fund_code FROM core.funding_status
            UNION
            SELECT fund_code FROM mart.contributor_fund WHERE fund_code <> '(all)'
            UNION
            SELECT contributor_fund_code FROM mart.contributor_fund
        )
    ) AS funds,
    (SELECT count(*) FROM raw.capture) AS captures,
    (SELECT min(captured_at) FROM raw.capture WHERE state = 'loaded') AS oldest_capture,
    (SELECT max(captured_at) FROM raw.capture WHERE state = 'loaded') AS newest_capture,
    count(*) AS figures,
    count(*) FILTER (basis = 'interim') AS interim_figures,
    sum(transfers_usd) AS transfers_usd,
    sum(expenditure_usd) AS expenditure_usd,
    if(min(basis) <> max(basis), 'mixed', min(basis)) AS basis,
    sum(expenditure_usd) FILTER (basis = 'interim') AS interim_usd,
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

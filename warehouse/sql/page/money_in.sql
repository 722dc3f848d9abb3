-- Income since each fund's start, from the funds' own statements.
SELECT
    count(DISTINCT fund_code) AS funds_with_statement,
    sum(amount_usd) FILTER (line = 'contributions') AS contributions_usd,
    sum(amount_usd) FILTER (line = 'total_source') AS total_source_usd,
    sum(amount_usd) FILTER (line = 'transfers') AS transfers_usd,
    min(captured_at) AS oldest_statement,
    max(captured_at) AS newest_statement
FROM mart.fund_status_current
WHERE block = 'administrative_agent';

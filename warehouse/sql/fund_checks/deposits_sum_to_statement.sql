-- The deposits of all contributors to a fund sum to the Contributions from Donors of its statement. The
-- newest statement counts at whose time every one of them is known: seen before it or then, and unchanged
-- then or after. Those since the start count; where there are none, those of all years, if the first is
-- not after the fund's start. Each figure is rounded by itself, so n figures may miss by n/2 dollars.
-- A sum too large for an amount is NULL, and fails.
WITH stated AS (
    SELECT fund_code, known_from AS drawn_at, amount_usd, capture_id
    FROM core.funding_status
    SEMI JOIN changed_fund USING (fund_code)
    WHERE block = 'administrative_agent'
        AND line = 'contributions'
        AND statement_month = '(current)'
        AND amount_usd IS NOT NULL
),
deposit AS (
    SELECT
        fund_code, contributor, fiscal_year, known_from, last_seen, no_longer_shown_since,
        deposits_usd
    FROM core.contribution_snapshot
    UNION ALL BY NAME
    SELECT fund_code, contributor, known_from, last_seen, no_longer_shown_since, deposits_usd
    FROM core.contribution_cumulative_snapshot
    WHERE from_year = 0 AND to_year = 0
),
known AS (
    SELECT s.*, d.* EXCLUDE (fund_code)
    FROM stated AS s
    JOIN deposit AS d ON d.fund_code = s.fund_code AND d.known_from <= s.drawn_at
    QUALIFY rank() OVER (
        PARTITION BY s.fund_code, s.drawn_at, d.contributor, d.fiscal_year ORDER BY d.known_from DESC
    ) = 1
),
summed AS (
    SELECT
        fund_code,
        drawn_at,
        fiscal_year IS NULL AS is_whole,
        amount_usd,
        capture_id,
        try_cast(sum(deposits_usd) AS DECIMAL(18, 2)) AS summed_usd,
        (count(deposits_usd) + 1) / 2 AS tolerance,
        min(fiscal_year) AS first_year
    FROM known
    WHERE coalesce(no_longer_shown_since > drawn_at, true)
    GROUP BY ALL
    HAVING bool_and(last_seen >= drawn_at) AND count(deposits_usd) > 0
)
SELECT
    s.fund_code AS subject,
    NULL::VARCHAR AS programme_id,
    s.fund_code,
    s.capture_id,
    coalesce(abs(s.amount_usd - s.summed_usd) <= s.tolerance, false) AS passed,
    s.summed_usd AS expected,
    s.amount_usd AS actual,
    s.tolerance
FROM summed AS s
LEFT JOIN core.funds_begun() AS b ON b.fund_code = s.fund_code
WHERE s.is_whole OR s.first_year <= b.begun_year
QUALIFY rank() OVER (PARTITION BY s.fund_code ORDER BY s.drawn_at DESC, s.is_whole DESC) = 1

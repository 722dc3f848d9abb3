-- The programmes whose fund's statement says other sums of what its programmes were paid, paid back or
-- spent than it said when their page was seen last: one of them has changed, and nobody knows which.
WITH statement AS (
    SELECT fund_code, known_from, list(amount_usd ORDER BY block, line) AS sums
    FROM core.funding_status
    WHERE statement_month = '(current)' AND line IN ('transfers', 'refunds', 'expenditure')
    GROUP BY fund_code, known_from
),
newest AS (
    SELECT fund_code, arg_max(sums, known_from) AS sums
    FROM statement
    GROUP BY fund_code
),
programme AS (
    SELECT k.programme_id, k.seen_at, coalesce(p.fund_code, k.listed_fund_code) AS fund_code
    FROM vintage.known_programmes() AS k
    LEFT JOIN mart.programme_current AS p USING (programme_id)
    WHERE k.seen_at IS NOT NULL
)
SELECT p.programme_id
FROM programme AS p
JOIN newest AS n USING (fund_code)
ASOF LEFT JOIN statement AS s ON s.fund_code = p.fund_code AND s.known_from <= p.seen_at
WHERE s.sums IS DISTINCT FROM n.sums

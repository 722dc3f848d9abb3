-- Find the sources that contradict each other about a row of some years within the same time. Of these
-- every capture counts by itself, so that the newer observation does. Amounts of which one is printed in
-- whole dollars agree within half a dollar.
-- reads: source_row, source_segment
-- writes: source_contradiction

CREATE OR REPLACE TEMP TABLE source_contradiction AS
WITH shown AS (
    SELECT DISTINCT s.url, r.kind, r.code, r.name, r.from_year, r.to_year
    FROM source_segment AS s
    JOIN source_row AS r USING (parse_key, of_fund)
),
rival AS (
    SELECT DISTINCT one.url AS one_url, other.url AS other_url
    FROM shown AS one
    JOIN shown AS other USING (kind, code, name, from_year, to_year)
    WHERE one.url < other.url
),
interleaved AS (
    SELECT DISTINCT
        one_url, other_url,
        one.parse_key AS one_key, one.of_fund AS one_fund,
        other.parse_key AS other_key, other.of_fund AS other_fund
    FROM rival
    JOIN source_segment AS one ON one.url = one_url
    JOIN source_segment AS other ON other.url = other_url
    WHERE one.first_at <= other.last_at AND other.first_at <= one.last_at
),
compared AS (
    SELECT
        one_url, other_url, one, other, if(one.is_exact AND other.is_exact, 0, 0.5) AS dollar
    FROM interleaved
    JOIN source_row AS one ON one.parse_key = one_key AND one.of_fund = one_fund
    JOIN source_row AS other
        ON other.parse_key = other_key
        AND other.of_fund = other_fund
        AND (other.kind, other.code, other.name, other.from_year, other.to_year)
        = (one.kind, one.code, one.name, one.from_year, one.to_year)
)
SELECT DISTINCT
    unnest([one_url, other_url]) AS url, one.kind, one.code, one.from_year, one.to_year
FROM compared
WHERE one.approved_budget_usd <> other.approved_budget_usd
    OR one.net_funded_usd <> other.net_funded_usd
    OR one.expenditure_usd <> other.expenditure_usd
    OR one.delivery_rate_pct <> other.delivery_rate_pct
    OR one.fund_count <> other.fund_count
    OR abs(one.commitments_usd - other.commitments_usd) > dollar
    OR abs(one.deposits_usd - other.deposits_usd) > dollar;

-- Find the queries that contradict each other about a row of some years within the same time. Of these
-- every capture counts by itself, so that the newer observation does.
-- reads: answer_row, answer_segment
-- writes: answer_contradiction

CREATE OR REPLACE TEMP TABLE answer_contradiction AS
WITH shown AS (
    SELECT DISTINCT s.url, r.kind, r.code, r.name, r.from_year, r.to_year
    FROM answer_segment AS s
    JOIN answer_row AS r USING (parse_key)
),
rival AS (
    SELECT DISTINCT one.url AS one_url, other.url AS other_url
    FROM shown AS one
    JOIN shown AS other USING (kind, code, name, from_year, to_year)
    WHERE one.url < other.url
),
interleaved AS (
    SELECT DISTINCT one_url, other_url, one.parse_key AS one_answer, other.parse_key AS other_answer
    FROM rival
    JOIN answer_segment AS one ON one.url = one_url
    JOIN answer_segment AS other ON other.url = other_url
    WHERE one.first_at <= other.last_at AND other.first_at <= one.last_at
)
SELECT DISTINCT unnest([one_url, other_url]) AS url, one.from_year, one.to_year
FROM interleaved
JOIN answer_row AS one ON one.parse_key = one_answer
JOIN answer_row AS other
    ON other.parse_key = other_answer
    AND (other.kind, other.code, other.name, other.from_year, other.to_year)
    = (one.kind, one.code, one.name, one.from_year, one.to_year)
WHERE one.approved_budget_usd <> other.approved_budget_usd
    OR one.net_funded_usd <> other.net_funded_usd
    OR one.expenditure_usd <> other.expenditure_usd
    OR one.delivery_rate_pct <> other.delivery_rate_pct
    OR one.fund_count <> other.fund_count
    OR one.commitments_usd <> other.commitments_usd
    OR one.deposits_usd <> other.deposits_usd;

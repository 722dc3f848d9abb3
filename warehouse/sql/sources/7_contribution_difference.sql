-- Record where the newest of each source of a contribution (API, list, page of the fund, view) and the
-- newest of all differ by more than the coarser one's rounding. The newer counts.
-- reads: changed_source, source_row, source_segment
-- writes: vintage.contribution_difference

DELETE FROM vintage.contribution_difference
WHERE fund_code IN (SELECT code FROM changed_source WHERE kind = 'contribution');

INSERT INTO vintage.contribution_difference BY NAME
WITH shown AS (
    SELECT
        r.code AS fund_code, r.name AS contributor, r.from_year, r.to_year,
        s.page_kind AS source, s.capture_id, r.is_exact, told.measure, told.usd,
        (s.last_at, s.parse_key, s.url, r.fund_shown) AS place
    FROM source_segment AS s
    JOIN source_row AS r USING (parse_key, of_fund)
    CROSS JOIN LATERAL (
        VALUES ('commitments_usd', r.commitments_usd), ('deposits_usd', r.deposits_usd)
    ) AS told (measure, usd)
    WHERE r.kind = 'contribution' AND told.usd IS NOT NULL
),
newest AS (
    FROM shown
    QUALIFY rank() OVER (
        PARTITION BY fund_code, contributor, from_year, to_year, measure, source
        ORDER BY place DESC
    ) = 1
),
counting AS (
    FROM newest
    QUALIFY rank() OVER (
        PARTITION BY fund_code, contributor, from_year, to_year, measure ORDER BY place DESC
    ) = 1
)
SELECT
    fund_code, contributor, from_year, to_year, measure,
    c.source, c.usd, n.source AS other_source, n.usd AS other_usd, c.capture_id
FROM counting AS c
JOIN newest AS n USING (fund_code, contributor, from_year, to_year, measure)
WHERE n.source <> c.source
    AND abs(n.usd - c.usd) > if(n.is_exact AND c.is_exact, 0, 0.5);

-- What each contributor gave to the fund in each year.
SELECT
    k.fund_code,
    k.fiscal_year,
    k.contributor,
    k.commitments_usd,
    k.deposits_usd,
    k.known_from,
    k.source_url,
    k.captured_at,
    c.body_sha256,
    k.capture_id
FROM mart.contribution_current AS k
JOIN raw.capture AS c USING (capture_id)
WHERE k.fund_code BETWEEN $first AND $last
ORDER BY k.fund_code, k.fiscal_year DESC, k.deposits_usd DESC NULLS LAST, k.contributor;

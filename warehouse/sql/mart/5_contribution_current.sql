-- mart.contribution_current: What each contributor committed and deposited, per fund and year
-- The newest vintage. Rows that no source shows any longer are left out, and so is `(all)` as a fund or a
-- contributor for a year for which they are named: no sum counts twice.
-- contributor_fund_code: Fund that the contributor is, by the link of a row or by the name that the fund's page printed; NULL for others
-- fund_name: Name of the fund, as its page printed it last; NULL where no page of it is known
-- source_url: URL of the capture that first showed these amounts
-- captured_at [UTC]: When that was
-- currency: Currency of every amount in the row
CREATE OR REPLACE VIEW mart.contribution_current AS
WITH newest AS (
    FROM core.contribution_snapshot
    WHERE no_longer_shown_since IS NULL
    QUALIFY rank() OVER (
        PARTITION BY fund_code, contributor, fiscal_year ORDER BY known_from DESC
    ) = 1
)
SELECT
    n.* REPLACE (g.contributor_fund_code AS contributor_fund_code),
    f.fund_name,
    c.url AS source_url,
    c.captured_at,
    'USD' AS currency
FROM newest AS n
JOIN raw.capture AS c USING (capture_id)
LEFT JOIN core.fund_names() AS f ON f.fund_code = n.fund_code
LEFT JOIN core.contributor_funds() AS g ON g.contributor = n.contributor
QUALIFY NOT (
    n.fund_code = '(all)'
    AND bool_or(n.fund_code <> '(all)') OVER (PARTITION BY n.fiscal_year, n.contributor)
    OR n.contributor = '(all)'
    AND bool_or(n.contributor <> '(all)') OVER (PARTITION BY n.fiscal_year, n.fund_code)
);

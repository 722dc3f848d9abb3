-- Each organization over all years: its programmes, its figures in them to quote today, and what the sums
-- leave out.
WITH part AS (
    SELECT organization, programme_id FROM vintage.figure
    UNION
    SELECT organization, programme_id FROM vintage.voucher WHERE organization IS NOT NULL
),
programme AS (
    SELECT
        organization,
        count(*) AS programmes,
        count(DISTINCT p.fund_code) AS funds,
        count(DISTINCT p.country_code) AS countries
    FROM part
    LEFT JOIN mart.programme_current AS p USING (programme_id)
    GROUP BY organization
),
figure AS (
    SELECT
        organization,
        sum(transfers_usd) AS transfers_usd,
        sum(net_funded_usd) AS net_funded_usd,
        sum(expenditure_usd) AS expenditure_usd,
        sum(expenditure_usd) FILTER (basis = 'interim') AS interim_usd,
        core.rate_of_sums(expenditure_usd, net_funded_usd) AS delivery_rate_pct,
        if(min(basis) <> max(basis), 'mixed', min(basis)) AS basis
    FROM mart.expenditure_current
    GROUP BY organization
),
by_year AS (
    SELECT
        organization,
        min(fiscal_year) AS first_year,
        max(fiscal_year) AS last_year,
        string_agg(DISTINCT agency_code, ', ' ORDER BY agency_code) AS agency_codes
    FROM (
        SELECT organization, fiscal_year FROM mart.expenditure_current
        UNION ALL BY NAME
        SELECT organization, fiscal_year, agency_code FROM mart.organization_current
    )
    GROUP BY organization
),
left_out AS (
    SELECT organization, core.not_covered(programme_id, reason) AS not_covered
    FROM (
        SELECT organization, programme_id, reason FROM mart.not_covered
        UNION ALL
        SELECT n.organization, e.programme_id, 'figures that name no organization' AS reason
        FROM mart.expenditure_current AS e
        JOIN part AS n USING (programme_id)
        WHERE e.organization = '(all)' AND n.organization <> '(all)'
    )
    GROUP BY organization
)
SELECT
    organization,
    by_year.agency_codes,
    coalesce(programme.programmes, 0) AS programmes,
    coalesce(programme.funds, 0) AS funds,
    coalesce(programme.countries, 0) AS countries,
    by_year.first_year,
    by_year.last_year,
    figure.transfers_usd,
    figure.net_funded_usd,
    figure.expenditure_usd,
    figure.interim_usd,
    figure.delivery_rate_pct,
    left_out.not_covered,
    figure.basis
FROM programme
FULL JOIN by_year USING (organization)
LEFT JOIN figure USING (organization)
LEFT JOIN left_out USING (organization)
WHERE organization BETWEEN $first AND $last
ORDER BY organization;

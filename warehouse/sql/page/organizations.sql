-- Each organization, year by year: its programmes' figures to quote today, and the API's beside them.
WITH figure AS (
    SELECT
        organization,
        fiscal_year,
        if(min(basis) <> max(basis), 'mixed', min(basis)) AS programmes_basis
    FROM mart.expenditure_current
    GROUP BY ALL
)
SELECT
    organization,
    fiscal_year,
    o.programmes,
    o.programmes_transfers_usd,
    o.programmes_net_funded_usd,
    o.programmes_year_end_usd,
    o.programmes_interim_usd,
    o.programmes_expenditure_usd,
    o.programmes_interim_share_pct,
    o.programmes_delivery_rate_pct,
    f.programmes_basis,
    o.expenditure_usd,
    o.basis,
    o.difference_usd,
    o.source_url,
    o.not_covered
FROM mart.organization_year AS o
LEFT JOIN figure AS f USING (organization, fiscal_year)
WHERE organization BETWEEN $first AND $last
ORDER BY organization, fiscal_year DESC;

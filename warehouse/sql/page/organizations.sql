-- Each organization, year by year: its programmes' figures to quote today, and the API's beside them.
WITH programme AS (
    SELECT
        organization,
        fiscal_year,
        if(min(basis) <> max(basis), 'mixed', min(basis)) AS programmes_basis
    FROM mart.expenditure_current
    WHERE organization <> '(all)'
    GROUP BY ALL
)
SELECT
    organization,
    fiscal_year,
    o.programmes,
    o.programmes_net_funded_usd,
    o.programmes_interim_usd,
    o.programmes_expenditure_usd,
    p.programmes_basis,
    o.expenditure_usd,
    o.basis,
    o.difference_usd,
    o.source_url
FROM mart.organization_year AS o
LEFT JOIN programme AS p USING (organization, fiscal_year)
ORDER BY organization, fiscal_year DESC;

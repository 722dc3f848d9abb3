-- mart.organization_year: an organization's figures of a year, the API's beside its programmes'
-- Either side may be missing. An organization with several agency codes is one row: its amounts are
-- sums, its rate and its number of funds are then NULL.
-- agency_codes: its codes in the API
-- basis: interim if any of the API's figures is; NULL where the API shows none
-- programmes: programmes with a figure of it for the year
-- programmes_net_funded_usd [US$]: net funded amount of its programmes
-- programmes_expenditure_usd [US$]: expenditure of its programmes, interim and year-end together
-- programmes_interim_usd [US$]: the part of that expenditure that is interim
-- difference_usd [US$]: expenditure in the API less that of its programmes; NULL if either is not shown
-- source_url: address of the API's answer; of one of them, if there are several
-- known_from [UTC]: when the newest of the API's figures was first shown
-- currency: currency of every amount in the row
CREATE OR REPLACE VIEW mart.organization_year AS
WITH api AS (
    SELECT
        organization,
        fiscal_year,
        string_agg(agency_code, ', ' ORDER BY agency_code) AS agency_codes,
        any_value(organization_group) AS organization_group,
        min(basis) AS basis,
        sum(approved_budget_usd) AS approved_budget_usd,
        sum(net_funded_usd) AS net_funded_usd,
        sum(expenditure_usd) AS expenditure_usd,
        if(count(*) = 1, any_value(delivery_rate_pct), NULL) AS delivery_rate_pct,
        if(count(*) = 1, any_value(fund_count), NULL) AS fund_count,
        max(source_url) AS source_url,
        max(known_from) AS known_from
    FROM mart.organization_current
    GROUP BY organization, fiscal_year
),
programme AS (
    SELECT
        organization,
        fiscal_year,
        count(DISTINCT programme_id) AS programmes,
        sum(net_funded_usd) AS programmes_net_funded_usd,
        sum(expenditure_usd) AS programmes_expenditure_usd,
        sum(expenditure_usd) FILTER (basis = 'interim') AS programmes_interim_usd
    FROM mart.expenditure_current
    WHERE organization <> '(all)'
    GROUP BY organization, fiscal_year
)
SELECT
    organization,
    fiscal_year,
    * EXCLUDE (organization, fiscal_year, source_url, known_from),
    expenditure_usd - programmes_expenditure_usd AS difference_usd,
    source_url,
    known_from,
    'USD' AS currency
FROM api
FULL JOIN programme USING (organization, fiscal_year);

-- mart.organization_year: An organization's figures of a year, the API's beside its programmes'
-- Either side may be missing. An organization with several agency codes is one row: its amounts are
-- sums, its group is the last of theirs by name, its rate and its number of funds are NULL. `(all)` has the
-- programmes' figures without an organization; no other row has them, so those of organizations known of
-- these programmes name them.
-- agency_codes: Its codes in the API
-- basis: `interim` if any of the API's figures is; NULL where the API shows none
-- programmes [programmes]: Programmes with a figure of it for the year
-- programmes_transfers_usd [US$]: Transfers to it for its programmes
-- programmes_net_funded_usd [US$]: Net funded amount of its programmes
-- programmes_expenditure_usd [US$]: Expenditure of its programmes, interim and year-end together
-- programmes_interim_usd [US$]: The part of that expenditure that is interim
-- programmes_year_end_usd [US$]: The part of it that is year-end
-- programmes_interim_share_pct [percent]: The interim part over the whole; NULL if that is 0 or almost 0
-- programmes_delivery_rate_pct [percent]: Expenditure over net funded amount, of its programmes' figures that show both
-- programmes_not_covered [programmes]: Programmes that these sums leave out (mart.not_covered_year)
-- not_covered: These programmes; NULL where nothing is left out
-- difference_usd [US$]: Expenditure in the API less that of its programmes; NULL if either is not shown
-- source_url: URL of the API's answer; of one of them, if there are several
-- known_from [UTC]: When the newest of the API's figures was first shown
-- currency: Currency of every amount in the row
CREATE OR REPLACE VIEW mart.organization_year AS
WITH api AS (
    SELECT
        organization,
        fiscal_year,
        string_agg(agency_code, ', ' ORDER BY agency_code) AS agency_codes,
        max(organization_group) AS organization_group,
        min(basis) AS basis,
        sum(approved_budget_usd) AS approved_budget_usd,
        sum(net_funded_usd) AS net_funded_usd,
        sum(expenditure_usd) AS expenditure_usd,
        CASE WHEN count(*) = 1 THEN any_value(delivery_rate_pct) END AS delivery_rate_pct,
        CASE WHEN count(*) = 1 THEN any_value(fund_count) END AS fund_count,
        max(source_url) AS source_url,
        max(known_from) AS known_from
    FROM mart.organization_current
    GROUP BY organization, fiscal_year
),
named AS (
    -- Organizations that other figures of a programme, or its vouchers, name.
    SELECT programme_id, organization FROM vintage.figure WHERE organization <> '(all)'
    UNION
    SELECT programme_id, organization FROM vintage.voucher WHERE organization IS NOT NULL
),
part AS (
    SELECT
        organization, fiscal_year, programme_id, transfers_usd, net_funded_usd, expenditure_usd, basis
    FROM mart.expenditure_current
    UNION ALL BY NAME
    SELECT organization, fiscal_year, programme_id AS left_out_id, reason
    FROM mart.not_covered_year
    UNION ALL BY NAME
    SELECT
        n.organization,
        e.fiscal_year,
        e.programme_id AS left_out_id,
        'figures that name no organization' AS reason
    FROM mart.expenditure_current AS e
    JOIN named AS n USING (programme_id)
    WHERE e.organization = '(all)'
),
programme AS (
    SELECT
        organization,
        fiscal_year,
        count(DISTINCT programme_id) AS programmes,
        sum(transfers_usd) AS programmes_transfers_usd,
        sum(net_funded_usd) AS programmes_net_funded_usd,
        sum(expenditure_usd) AS programmes_expenditure_usd,
        sum(expenditure_usd) FILTER (basis = 'interim') AS programmes_interim_usd,
        sum(expenditure_usd) FILTER (basis = 'year_end') AS programmes_year_end_usd,
        core.interim_share(expenditure_usd, basis) AS programmes_interim_share_pct,
        core.rate_of_sums(expenditure_usd, net_funded_usd) AS programmes_delivery_rate_pct,
        count(DISTINCT left_out_id) AS programmes_not_covered,
        core.not_covered(left_out_id, reason) AS not_covered
    FROM part
    GROUP BY organization, fiscal_year
)
SELECT
    organization,
    fiscal_year,
    * EXCLUDE (organization, fiscal_year, source_url, known_from, not_covered),
    expenditure_usd - programmes_expenditure_usd AS difference_usd,
    not_covered,
    source_url,
    known_from,
    'USD' AS currency
FROM api
FULL JOIN programme USING (organization, fiscal_year);

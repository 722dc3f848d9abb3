-- mart.country_year: Programmes, transfers and expenditure by country and year, and what they leave out
-- From mart.expenditure_current, by the country that each programme's page names now. What is no country
-- (`Global`), or is not known by its name, has rows of its own without a code; meta.finding names what is
-- not known (unknown_country).
-- country_code: ISO 3166-1 alpha-3 code; NULL for what is no country or not known
-- country: Name of the country in ISO 3166-1; as printed if it has no code, NULL for programmes that name none
-- programmes [programmes]: Programmes with a figure for the year
-- net_funded_usd [US$]: Their net funded amount
-- transfers_usd [US$]: Transfers to all organizations of these programmes
-- refunds_usd [US$]: Refunds from them
-- expenditure_usd [US$]: Their expenditure, interim and year-end together; NULL if none is shown
-- delivery_rate_pct [percent]: Expenditure over net funded amount, of the figures that show both
-- interim_usd [US$]: The part of the expenditure that is interim
-- year_end_usd [US$]: The part of it that is year-end
-- interim_share_pct [percent]: The interim part over the whole; NULL if that is 0 or almost 0
-- programmes_not_covered [programmes]: Programmes that the sums leave out (mart.not_covered_year)
-- not_covered: These programmes; NULL where nothing is left out
-- currency: Currency of every amount in the row
-- newest_known_from [UTC]: When the newest of these figures was first shown
CREATE OR REPLACE VIEW mart.country_year AS
WITH part AS (
    SELECT
        e.fiscal_year, e.programme_id, e.net_funded_usd, e.transfers_usd, e.refunds_usd,
        e.expenditure_usd, e.basis, e.known_from, p.country_code, p.country_name
    FROM mart.expenditure_current AS e
    LEFT JOIN mart.programme_current AS p USING (programme_id)
    UNION ALL BY NAME
    SELECT country_code, country_name, fiscal_year, programme_id AS left_out_id, reason
    FROM mart.not_covered_year
)
SELECT
    country_code,
    country_name AS country,
    fiscal_year,
    count(DISTINCT programme_id) AS programmes,
    sum(net_funded_usd) AS net_funded_usd,
    sum(transfers_usd) AS transfers_usd,
    sum(refunds_usd) AS refunds_usd,
    sum(expenditure_usd) AS expenditure_usd,
    core.rate_of_sums(expenditure_usd, net_funded_usd) AS delivery_rate_pct,
    sum(expenditure_usd) FILTER (basis = 'interim') AS interim_usd,
    sum(expenditure_usd) FILTER (basis = 'year_end') AS year_end_usd,
    core.interim_share(expenditure_usd, basis) AS interim_share_pct,
    count(DISTINCT left_out_id) AS programmes_not_covered,
    core.not_covered(left_out_id, reason) AS not_covered,
    'USD' AS currency,
    max(known_from) AS newest_known_from
FROM part
GROUP BY ALL;

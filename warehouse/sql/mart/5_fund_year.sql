-- mart.fund_year: transfers and expenditure by fund and year, and how much of it is still interim
-- From mart.expenditure_current, by the fund that each programme's page names now: by its code, and
-- where a page names none, by the fund's name.
-- programmes: programmes with a figure for the year
-- transfers_usd [US$]: transfers to all organizations of the fund's programmes
-- expenditure_usd [US$]: their expenditure, interim and year-end together; NULL if none is shown
-- interim_usd [US$]: the part of the expenditure that is interim
-- year_end_usd [US$]: the part of it that is year-end
-- interim_share_pct [percent]: the interim part over the whole; NULL if that is 0 or almost 0
-- currency: currency of every amount in the row
-- newest_known_from [UTC]: when the newest of these figures was first shown
CREATE OR REPLACE VIEW mart.fund_year AS
SELECT
    fund_code,
    max(fund_name) AS fund_name,
    fiscal_year,
    count(DISTINCT programme_id) AS programmes,
    sum(transfers_usd) AS transfers_usd,
    sum(expenditure_usd) AS expenditure_usd,
    sum(expenditure_usd) FILTER (basis = 'interim') AS interim_usd,
    sum(expenditure_usd) FILTER (basis = 'year_end') AS year_end_usd,
    try_cast(
        100 * coalesce(sum(expenditure_usd) FILTER (basis = 'interim'), 0)::DOUBLE
        / nullif(sum(expenditure_usd), 0)::DOUBLE AS DECIMAL(18, 2)
    ) AS interim_share_pct,
    'USD' AS currency,
    max(known_from) AS newest_known_from
FROM mart.expenditure_current
GROUP BY fund_code, if(fund_code IS NULL, fund_name, NULL), fiscal_year;

-- Return a part over the whole in percent; NULL if the whole is 0 or almost 0.
CREATE OR REPLACE MACRO core.rate_pct(part, whole) AS
    try_cast(100 * part::DOUBLE / nullif(whole, 0)::DOUBLE AS DECIMAL(18, 2));

-- In an aggregate, return the sum of a part over that of its whole, of the rows that show both.
CREATE OR REPLACE MACRO core.rate_of_sums(part, whole) AS
    core.rate_pct(sum(part) FILTER (whole IS NOT NULL), sum(whole) FILTER (part IS NOT NULL));

-- In an aggregate, return the interim part of expenditure over all of it.
CREATE OR REPLACE MACRO core.interim_share(expenditure_usd, basis) AS
    core.rate_pct(
        coalesce(sum(expenditure_usd) FILTER (basis = 'interim'), 0), sum(expenditure_usd)
    );

-- Return a part over the whole in percent; NULL if the whole is 0 or almost 0.
CREATE OR REPLACE MACRO core.rate_pct(part, whole) AS
    try_cast(100 * part::DOUBLE / nullif(whole, 0)::DOUBLE AS DECIMAL(18, 2));

-- Return the exact value that a rounded one stands for: the one seen before, else the one seen after,
-- if it is near enough; else the value as it is.
CREATE OR REPLACE MACRO vintage.finer(printed, is_exact, before, after, tolerance) AS
    CASE
        WHEN is_exact THEN printed
        WHEN abs(before - printed) <= tolerance THEN before
        WHEN abs(after - printed) <= tolerance THEN after
        ELSE printed
    END;

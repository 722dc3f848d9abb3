-- The texts of each term, as pairs `number.weight` to the base of 36, each number as its distance from
-- the one before.
SELECT
    term,
    string_agg(to_base(distance, 36) || '.' || to_base(weight, 36), ' ' ORDER BY text_no) AS texts
FROM (
    SELECT *,
        text_no - lag(text_no, 1, 0) OVER (PARTITION BY term ORDER BY text_no) AS distance
    FROM vintage.search_term
    WHERE term BETWEEN $first AND $last
)
GROUP BY term
ORDER BY term;

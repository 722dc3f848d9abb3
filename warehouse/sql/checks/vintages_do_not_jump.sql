-- From one vintage of an expenditure to the next there is no jump to more than ten times as much, or
-- to less than a tenth, of at least US$ 100,000: a lost digit, or another unit.
WITH compared AS (
    SELECT
        *,
        lag(expenditure_usd) OVER (
            PARTITION BY programme_id, organization, fiscal_year ORDER BY known_from
        ) AS before_usd
    FROM figure_vintage
    WHERE fiscal_year IS NOT NULL AND expenditure_usd IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY programme_id, organization, fiscal_year ORDER BY known_from DESC
    ) = 1
)
SELECT
    concat_ws(', ', programme_id, organization, fiscal_year) AS subject,
    programme_id,
    organization,
    fiscal_year,
    capture_id,
    abs(expenditure_usd - before_usd) < 100000
    OR (
        abs(expenditure_usd) <= 10 * abs(before_usd)
        AND abs(before_usd) <= 10 * abs(expenditure_usd)
    ) AS passed,
    before_usd AS expected,
    expenditure_usd AS actual,
    greatest(100000, 9 * abs(before_usd)) AS tolerance
FROM compared
WHERE before_usd IS NOT NULL AND before_usd <> 0 AND before_usd <> expenditure_usd

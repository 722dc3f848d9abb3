-- From one vintage of an expenditure to the next there is no jump to more than ten times as much, or
-- to less than a tenth, of at least US$ 100,000: a lost digit, or another unit.
SELECT
    concat_ws(', ', programme_id, organization, fiscal_year) AS subject,
    programme_id,
    organization,
    fiscal_year,
    capture_id,
    abs(expenditure_usd - expenditure_before_usd) < 100000
    OR (
        abs(expenditure_usd) <= 10 * abs(expenditure_before_usd)
        AND abs(expenditure_before_usd) <= 10 * abs(expenditure_usd)
    ) AS passed,
    expenditure_before_usd AS expected,
    expenditure_usd AS actual,
    greatest(
        100000,
        if(abs(expenditure_usd) > abs(expenditure_before_usd), 9, 0.9) * abs(expenditure_before_usd)
    ) AS tolerance
FROM changed_figure
WHERE is_newest_spent
    AND fiscal_year IS NOT NULL
    AND expenditure_before_usd <> 0
    AND expenditure_before_usd <> expenditure_usd

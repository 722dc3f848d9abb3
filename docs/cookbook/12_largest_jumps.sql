-- Which figures changed most from one vintage to the next?
SELECT programme_id, organization, fiscal_year, vintage_no, change, change_usd,
    known_from::DATE AS known_from
FROM mart.figure_history
WHERE change_usd IS NOT NULL
ORDER BY abs(change_usd) DESC, programme_id, organization
LIMIT 10;

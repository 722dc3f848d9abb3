SELECT
    programme_id, organization, fiscal_year, basis, expenditure_usd, shown_from, shown_until
FROM mart.figure_span
ORDER BY programme_id, fiscal_year, organization, shown_from

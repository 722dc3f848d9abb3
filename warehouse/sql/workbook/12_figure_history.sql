SELECT
    programme_id, organization, fiscal_year, change, basis, expenditure_usd, known_from, known_to,
    no_longer_shown_since
FROM mart.figure_history
ORDER BY programme_id, organization, fiscal_year, vintage_no

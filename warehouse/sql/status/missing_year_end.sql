-- Years whose 30 April has passed and for which no year-end figure was seen.
SELECT programme_id, title, organization, fiscal_year, deadline, days_late
FROM late
ORDER BY days_late DESC, programme_id, organization

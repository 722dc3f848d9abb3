-- Years whose 30 April has passed and for which no year-end figure was seen, the oldest first.
SELECT
    programme_id,
    title,
    coalesce(fund_code, 'none') AS fund_code,
    organization,
    fiscal_year,
    deadline,
    days_late,
    last_interim_usd,
    'interim' AS basis
FROM mart.missing_year_end
ORDER BY days_late DESC, programme_id, organization
LIMIT 20_000;

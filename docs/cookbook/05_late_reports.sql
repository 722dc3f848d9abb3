-- Who is late with a year-end report, and by how many days?
-- The view is as of now. `as_of` sets another moment: later captures do not count.
SET VARIABLE as_of = TIMESTAMP '2016-06-16';
SELECT programme_id, organization, fiscal_year, deadline, days_late, last_interim_usd
FROM mart.missing_year_end
ORDER BY days_late, programme_id, organization;

-- Who is late with a year-end report, and by how many days?
-- In a release, the view is as of its newest capture. `as_of` sets another moment, here the end of a day:
-- later captures do not count.
SET VARIABLE as_of = DATE '2016-04-30';
SELECT programme_id, organization, fiscal_year, deadline, days_late, last_interim_usd
FROM mart.missing_year_end
ORDER BY days_late, programme_id, organization;

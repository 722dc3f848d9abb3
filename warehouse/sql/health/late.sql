-- The rows of mart.missing_year_end, once for all that `mptf status` says of them.
CREATE TEMP TABLE IF NOT EXISTS late AS
SELECT programme_id, title, organization, fiscal_year, deadline, days_late
FROM mart.missing_year_end;

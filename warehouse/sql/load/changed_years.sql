-- Find the years whose API answers arrived or are parsed again: their figures are derived anew.
-- reads: new_capture, changed_years, observed.organization_figure, observed.contribution
-- writes: changed_years
INSERT INTO changed_years
SELECT from_year, to_year
FROM observed.organization_figure
SEMI JOIN new_capture USING (parse_key)
UNION
SELECT from_year, to_year
FROM observed.contribution
SEMI JOIN new_capture USING (parse_key)
EXCEPT
FROM changed_years;

-- Find the years whose API answers arrived or are parsed again, and those that earlier answers to the
-- same queries show, whose rows the new ones may lack: their figures are derived anew.
-- reads: new_capture, raw.capture, changed_years, observed.answer, observed.organization_figure, observed.contribution
-- writes: changed_years
INSERT INTO changed_years
WITH asked AS (
    SELECT DISTINCT n.url
    FROM new_capture AS n
    SEMI JOIN observed.answer USING (parse_key)
),
answer AS (
    SELECT DISTINCT parse_key
    FROM raw.capture
    WHERE page_kind = 'api_answer' AND url IN (FROM asked)
)
SELECT from_year, to_year
FROM observed.organization_figure
SEMI JOIN answer USING (parse_key)
UNION
SELECT from_year, to_year
FROM observed.contribution
SEMI JOIN answer USING (parse_key)
EXCEPT
FROM changed_years;

-- List the organizations and funds of which any source says something.
-- reads: raw.capture, observed.organization_figure, observed.contribution
-- writes: changed_source
CREATE OR REPLACE TEMP TABLE changed_source AS
WITH source AS (
    SELECT DISTINCT parse_key, if(subject = 'fund', fund_code, '(all)') AS of_fund
    FROM raw.capture
    WHERE subject IN ('fund', 'list')
)
SELECT 'organization' AS kind, o.agency_code AS code
FROM observed.organization_figure AS o
SEMI JOIN source USING (parse_key)
UNION
SELECT 'contribution', if(o.fund_code = '(page)', s.of_fund, o.fund_code)
FROM observed.contribution AS o
JOIN source AS s USING (parse_key)
WHERE s.of_fund IS NOT NULL;

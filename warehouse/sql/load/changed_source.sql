-- Find the organizations and funds of which API answers or tables of contributors arrived or are parsed
-- again, and those that earlier captures of the same pages show, whose rows the new ones may lack: what
-- sources say of them is derived anew.
-- reads: new_capture, vintage.page_body, changed_source, observed.organization_figure, observed.contribution
-- writes: changed_source
INSERT INTO changed_source
WITH known_url AS (
    SELECT DISTINCT url FROM vintage.page_body WHERE subject IN ('fund', 'list')
),
source AS (
    SELECT DISTINCT parse_key, if(subject = 'fund', fund_code, '(all)') AS of_fund
    FROM vintage.page_body
    WHERE subject IN ('fund', 'list')
        AND url IN (
            SELECT url
            FROM known_url
            WHERE vintage.page_of(url) IN (SELECT vintage.page_of(url) FROM new_capture)
        )
)
SELECT 'organization' AS kind, o.agency_code AS code
FROM observed.organization_figure AS o
SEMI JOIN source USING (parse_key)
UNION
SELECT 'contribution', if(o.fund_code = '(page)', s.of_fund, o.fund_code)
FROM observed.contribution AS o
JOIN source AS s USING (parse_key)
WHERE s.of_fund IS NOT NULL
EXCEPT
FROM changed_source;

-- mart.restatement: Every year-end figure that changed after it was first final, measure by measure
-- Only what pages showed, before and after: a value carried forward from before it was final is not
-- one that was final. And only what the source changed: where another version of the parser read the
-- later page than the earlier one, the change may be ours, and is left out until both are read by the
-- same.
-- fiscal_year: Calendar year of the figure
-- measure: The measure that changed, by its column's name
-- unit: Unit of the old and the new value: US$ or percent
-- change [US$ or percent]: New less old
-- basis: `year_end`: both figures are
-- currency: Currency of every amount in the row
-- source_url: URL of the page that first showed the new figure
CREATE OR REPLACE VIEW mart.restatement AS
SELECT
    r.programme_id,
    p.title,
    p.fund_code,
    p.fund_name,
    p.country,
    r.organization,
    r.fiscal_year,
    'year_end' AS basis,
    r.measure,
    if(ends_with(r.measure, '_pct'), 'percent', 'US$') AS unit,
    r.old_value,
    r.new_value,
    r.new_value - r.old_value AS change,
    r.restated_at,
    r.old_known_from,
    'USD' AS currency,
    c.url AS source_url,
    r.capture_id
FROM vintage.restatement AS r
LEFT JOIN mart.programme_current AS p USING (programme_id)
JOIN raw.capture AS c ON c.capture_id = r.capture_id
JOIN observed.body AS b ON b.parse_key = c.parse_key
JOIN raw.capture AS d ON d.capture_id = r.capture_id_before
JOIN observed.body AS e ON e.parse_key = d.parse_key AND e.parser_version = b.parser_version
ANTI JOIN (
    SELECT programme_id, fiscal_year, '(all)' AS organization
    FROM vintage.figure
    WHERE organization <> '(all)'
) AS named
    ON named.programme_id = r.programme_id
    AND named.fiscal_year = r.fiscal_year
    AND named.organization = r.organization;

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
    CASE WHEN ends_with(r.measure, '_pct') THEN 'percent' ELSE 'US$' END AS unit,
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
LEFT JOIN raw.parsed_captures() AS c ON c.capture_id = r.capture_id
LEFT JOIN raw.parsed_captures() AS b ON b.capture_id = r.capture_id_before
LEFT JOIN vintage.replaced_totals() AS t
    ON t.programme_id = r.programme_id
    AND t.organization = r.organization
    AND t.fiscal_year = r.fiscal_year
WHERE t.organization IS NULL
    -- Not `=`: DuckDB may then join all pages of one version with each other.
    AND b.parser_version IS NOT DISTINCT FROM c.parser_version;

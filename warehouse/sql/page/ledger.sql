-- Every year-end figure that changed after it was first final, the newest change first.
SELECT
    r.restated_at,
    r.programme_id,
    r.title,
    coalesce(r.fund_code, 'none') AS fund_code,
    r.fiscal_year,
    r.organization,
    r.measure,
    r.old_value,
    r.new_value,
    r.change,
    r.basis,
    r.source_url
FROM mart.restatement AS r
ORDER BY r.restated_at DESC, r.programme_id, r.fiscal_year DESC, r.organization, r.measure
LIMIT 20_000;

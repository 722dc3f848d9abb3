-- Restatements that the release before did not list.
SELECT r.programme_id, r.title, r.organization, r.fiscal_year, r.measure, r.old_value,
    r.new_value, r.restated_at
FROM mart.restatement AS r
ANTI JOIN before.mart.restatement AS b
    USING (programme_id, organization, fiscal_year, measure, restated_at)
ORDER BY ALL;

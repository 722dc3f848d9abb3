-- Year-end figures of the programme that changed after they were first final.
SELECT
    r.programme_id,
    r.fiscal_year,
    r.organization,
    r.measure,
    r.old_value,
    r.new_value,
    r.change,
    r.basis,
    r.old_known_from,
    r.restated_at,
    r.source_url,
    c.captured_at,
    c.body_sha256,
    r.capture_id
FROM mart.restatement AS r
JOIN raw.capture AS c USING (capture_id)
WHERE r.programme_id BETWEEN $first AND $last
ORDER BY r.programme_id, r.restated_at DESC, r.fiscal_year DESC, r.organization, r.measure;

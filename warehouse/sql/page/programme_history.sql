-- Every vintage of every figure, step by step: from interim to year-end to restatement.
SELECT
    h.programme_id,
    h.fiscal_year,
    h.organization,
    h.vintage_no,
    h.change,
    h.expenditure_usd,
    h.change_usd,
    h.basis,
    h.known_from,
    h.last_seen,
    h.no_longer_shown_since,
    h.source_url,
    h.captured_at,
    c.body_sha256,
    h.capture_id
FROM mart.figure_history AS h
JOIN raw.capture AS c USING (capture_id)
WHERE h.programme_id BETWEEN $first AND $last
ORDER BY h.programme_id, h.fiscal_year DESC, h.organization, h.vintage_no;

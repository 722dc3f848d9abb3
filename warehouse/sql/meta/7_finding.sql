-- meta.finding: Oddities of what was loaded, by capture
-- capture_id: The capture in which it was found
-- kind: Kind of finding, as listed in docs/operators.md
-- subject: What the finding is about
-- detail: The text as printed, or an explanation
CREATE OR REPLACE VIEW meta.finding AS
WITH twice AS (
    SELECT programme_id, captured_at
    FROM raw.capture
    WHERE state = 'loaded' AND programme_id IS NOT NULL
    GROUP BY programme_id, captured_at
    HAVING count(*) > 1
),
at_once AS (
    SELECT c.*
    FROM raw.capture AS c
    JOIN twice USING (programme_id, captured_at)
    WHERE c.state = 'loaded'
),
told AS (
    SELECT a.programme_id, a.captured_at, a.capture_id, parse_key, told.subject, told.value
    FROM at_once AS a
    JOIN observed.programme AS o USING (parse_key)
    CROSS JOIN LATERAL (
        VALUES
            ('title', o.title),
            ('description', o.description),
            ('fund_code', o.fund_code),
            ('fund_name', o.fund_name),
            ('theme', o.theme),
            ('start_date', o.start_date::VARCHAR),
            ('end_date', o.end_date::VARCHAR),
            ('country', o.country),
            ('status', o.status),
            ('participating_organization', o.participating_organization)
    ) AS told (subject, value)
    UNION ALL
    SELECT
        a.programme_id,
        a.captured_at,
        a.capture_id,
        parse_key,
        concat_ws(', ', o.organization, o.fiscal_year, told.measure),
        told.value
    FROM at_once AS a
    JOIN observed.figure AS o USING (parse_key)
    CROSS JOIN LATERAL (
        VALUES
            ('approved_budget_usd', o.approved_budget_usd::VARCHAR),
            ('net_funded_usd', o.net_funded_usd::VARCHAR),
            ('transfers_usd', o.transfers_usd::VARCHAR),
            ('refunds_usd', o.refunds_usd::VARCHAR),
            ('expenditure_usd', o.expenditure_usd::VARCHAR),
            ('delivery_rate_pct', o.delivery_rate_pct::VARCHAR)
    ) AS told (measure, value)
)
SELECT c.capture_id, f.kind, f.subject, f.detail
FROM raw.capture AS c
JOIN observed.finding AS f USING (parse_key)
WHERE c.state = 'loaded'
UNION ALL
SELECT c.capture_id, 'subject_from_file_name' AS kind, coalesce(c.programme_id, c.fund_code) AS subject,
    'the page does not say what it is about; its file name does: ' || c.url AS detail
FROM raw.capture AS c
JOIN observed.body AS b USING (parse_key)
WHERE c.state = 'loaded' AND starts_with(c.url, 'file:')
    AND (c.subject = 'programme' AND b.programme_id IS NULL OR c.subject = 'fund' AND b.fund_code IS NULL)
UNION ALL
SELECT
    max_by(capture_id, (parse_key, capture_id)) AS capture_id,
    'contradiction' AS kind,
    programme_id || ', ' || subject AS subject,
    'captures of the same second show ' || string_agg(DISTINCT value, ' and ' ORDER BY value)
        || '; the one with the greater SHA-256 counts: ' || max_by(value, parse_key) AS detail
FROM told
WHERE value IS NOT NULL
GROUP BY programme_id, captured_at, subject
HAVING count(DISTINCT value) > 1
UNION ALL
-- A statement that is not loaded: of when it is, its address says in a way that is not understood.
SELECT c.capture_id, 'statement_month_unknown' AS kind, c.fund_code AS subject, c.url AS detail
FROM raw.capture AS c
JOIN observed.body AS b USING (parse_key)
WHERE c.state = 'loaded' AND c.statement_month = '(unknown)' AND b.statement_digest IS NOT NULL
UNION ALL
-- A 304 in another's crawl says that nothing had changed since that crawl's last capture. Of which
-- page that was is known only from what was archived when it was taken in.
SELECT r.capture_id, 'not_modified_differs' AS kind, r.url AS subject,
    'the server said that nothing had changed, but the capture of ' || max(e.captured_at)
        || ' is another page than the one that was taken for it' AS detail
FROM raw.capture AS r
JOIN raw.capture AS e ON e.url = r.url AND e.captured_at < r.captured_at
WHERE r.http_status = 304 AND r.source = 'warc' AND r.unchanged
    AND r.state = 'loaded' AND e.state = 'loaded'
GROUP BY r.capture_id, r.url, r.body_sha256
HAVING max_by(e.body_sha256, (e.captured_at, e.capture_id)) <> r.body_sha256
UNION ALL
SELECT capture_id, 'capture_time_corrected' AS kind, url AS subject,
    'given as ' || given_at || ', but the capture shows ' || captured_at || ' (' || captured_at_source
        || '), which counts' AS detail
FROM raw.capture
WHERE given_at IS NOT NULL
UNION ALL
SELECT capture_id, 'shows_another_time' AS kind, url AS subject,
    'its clock or Date header says ' || shown_at || ', more than a day from ' || captured_at
        || ' (' || captured_at_source || ')' AS detail
FROM raw.capture
WHERE shown_at IS NOT NULL
UNION ALL
SELECT capture_id, 'expenditure_of_a_later_year' AS kind,
    concat_ws(', ', programme_id, organization, fiscal_year) AS subject,
    expenditure_usd || ' of a year after the capture is set aside' AS detail
FROM vintage.later_year
UNION ALL
SELECT c.capture_id, 'expenditure_of_a_later_year' AS kind,
    concat_ws(', ', o.agency_code, o.organization, o.from_year) AS subject,
    o.expenditure_usd || ' of a year after the capture is set aside' AS detail
FROM observed.organization_figure AS o
JOIN raw.capture AS c USING (parse_key)
WHERE c.state = 'loaded' AND o.from_year > year(c.captured_at) AND o.expenditure_usd <> 0
UNION ALL
SELECT capture_id, 'voucher_of_a_later_day' AS kind,
    concat_ws(', ', programme_id, voucher_number) AS subject,
    'dated ' || voucher_date || ', seen on ' || first_seen::DATE AS detail
FROM vintage.voucher
WHERE voucher_date > first_seen::DATE + 1
UNION ALL
-- An answer that has lost most rows of one before; it ends no figure.
SELECT capture_id, 'answer_lost_rows' AS kind, url AS subject,
    rows_printed || ' rows, after ' || rows_before AS detail
FROM vintage.seen_answers()
WHERE has_lost_rows
UNION ALL
SELECT capture_id, 'sources_differ' AS kind,
    concat_ws(', ', programme_id, organization, fiscal_year, measure) AS subject,
    'the newest page shows ' || page_usd || ', the API ' || api_usd || '; the newer counts' AS detail
FROM vintage.source_difference
UNION ALL
SELECT capture_id, 'sources_differ' AS kind,
    concat_ws(', ', fund_code, contributor, nullif(from_year, 0), measure) AS subject,
    'the newest ' || source || ' shows ' || usd || ', the newest ' || other_source || ' '
        || other_usd || '; the newer counts' AS detail
FROM vintage.contribution_difference
UNION ALL
-- A table of contributors that is not loaded: of the month of its URL, or of the day of its capture.
SELECT c.capture_id, 'contributions_of_a_month' AS kind, c.fund_code AS subject, c.url AS detail
FROM raw.capture AS c
JOIN observed.body AS b USING (parse_key)
WHERE c.state = 'loaded' AND c.statement_month IS NOT NULL AND b.contributions_digest IS NOT NULL
UNION ALL
SELECT
    max_by(s.capture_id, (s.parse_key, s.capture_id)) AS capture_id,
    'contradiction' AS kind,
    concat_ws(', ', s.of_fund, o.contributor, nullif(o.from_year, 0), told.measure) AS subject,
    'pages of the same second show ' || string_agg(DISTINCT told.usd::VARCHAR, ' and ' ORDER BY told.usd::VARCHAR)
        || '; the one with the greater SHA-256 counts' AS detail
FROM vintage.seen_sources() AS s
SEMI JOIN (
    SELECT of_fund, captured_at
    FROM vintage.seen_sources()
    WHERE NOT from_api
    GROUP BY ALL
    HAVING count(DISTINCT parse_key) > 1
) AS twice ON twice.of_fund = s.of_fund AND twice.captured_at = s.captured_at
JOIN observed.contribution AS o USING (parse_key)
CROSS JOIN LATERAL (
    VALUES ('commitments_usd', o.commitments_usd), ('deposits_usd', o.deposits_usd)
) AS told (measure, usd)
WHERE NOT s.from_api AND o.fund_code = '(page)' AND told.usd IS NOT NULL
GROUP BY s.of_fund, s.captured_at, o.contributor, o.from_year, told.measure
HAVING max(told.usd) - min(told.usd) > 0.5;

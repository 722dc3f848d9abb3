-- The programme's newest identity, and the page that showed it.
SELECT
    p.programme_id,
    p.title,
    p.description,
    coalesce(p.fund_code, 'none') AS fund_code,
    p.fund_name,
    p.theme,
    p.start_date,
    p.start_date_precision,
    p.end_date,
    p.end_date_precision,
    p.country,
    core.country_key(p.country_code, p.country_name) AS country_key,
    p.status,
    p.participating_organization,
    p.source_url,
    p.captured_at,
    c.body_sha256,
    p.capture_id
FROM mart.programme_current AS p
JOIN raw.capture AS c USING (capture_id)
WHERE p.programme_id BETWEEN $first AND $last
ORDER BY p.programme_id;

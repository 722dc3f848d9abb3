-- Identity, field by field: what a segment does not show is carried forward from before. Where two
-- bodies of one second contradict each other, the one with the greater SHA-256 counts. The status
-- that decides the basis (seen_status) counts even where the rest of the block is in quarantine.

CREATE OR REPLACE TEMP TABLE identity AS
WITH shown AS (
    SELECT
        s.about AS programme_id,
        s.first_at,
        max_by(o.title, s.body_sha256) AS title,
        max_by(o.description, s.body_sha256) AS description,
        max_by(o.fund_code, s.body_sha256) AS fund_code,
        max_by(o.fund_name, s.body_sha256) AS fund_name,
        max_by(o.theme, s.body_sha256) AS theme,
        max_by(o.start_date, s.body_sha256) AS start_date,
        max_by(o.end_date, s.body_sha256) AS end_date,
        max_by(o.country, s.body_sha256) AS country,
        max_by(o.status, s.body_sha256) AS status,
        max_by(o.participating_organization, s.body_sha256) AS participating_organization,
        max_by(b.status, s.body_sha256) AS seen_status,
        max_by(s.capture_id, (s.body_sha256, s.capture_id)) FILTER (o.body_sha256 IS NOT NULL)
            AS capture_id
    FROM segment AS s
    JOIN shown_body AS b ON b.body_sha256 = s.body_sha256
    LEFT JOIN shown_programme AS o ON o.body_sha256 = s.body_sha256
    WHERE s.subject = 'programme'
    GROUP BY s.about, s.first_at
)
SELECT
    programme_id,
    first_at,
    last_value(title IGNORE NULLS) OVER so_far AS title,
    last_value(description IGNORE NULLS) OVER so_far AS description,
    last_value(fund_code IGNORE NULLS) OVER so_far AS fund_code,
    last_value(fund_name IGNORE NULLS) OVER so_far AS fund_name,
    last_value(theme IGNORE NULLS) OVER so_far AS theme,
    last_value(start_date IGNORE NULLS) OVER so_far AS start_date,
    last_value(end_date IGNORE NULLS) OVER so_far AS end_date,
    last_value(country IGNORE NULLS) OVER so_far AS country,
    last_value(status IGNORE NULLS) OVER so_far AS status,
    last_value(participating_organization IGNORE NULLS) OVER so_far AS participating_organization,
    last_value(seen_status IGNORE NULLS) OVER so_far AS seen_status,
    capture_id
FROM shown
WINDOW so_far AS (PARTITION BY programme_id ORDER BY first_at ROWS UNBOUNDED PRECEDING);

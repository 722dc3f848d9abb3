-- Find the open pages: a page that shows its newest segment again extends it, and nothing has to be
-- derived. That holds where no segment has ended later, no other page contradicts it, its validator
-- is not stale, a 304 of it would count, and the programme's status is as it was. Each open page of a
-- subject has a bit.
-- reads: page_segment, shown_body, factsheet, contradiction, stale_validator, status_so_far
-- writes: vintage.open_page

INSERT INTO vintage.open_page BY NAME
WITH closed AS (
    SELECT about, max(last_at) AS until
    FROM page_segment
    WHERE NOT newest
    GROUP BY about
),
-- Pages that a page seen later contradicts.
contradicted AS (
    SELECT a.about, a.url
    FROM page_segment AS a
    JOIN page_segment AS b ON b.about = a.about AND b.newest AND b.last_at > a.last_at
    JOIN contradiction AS c
        ON c.about = a.about
        AND c.one_body = least(a.parse_key, b.parse_key)
        AND c.other_body = greatest(a.parse_key, b.parse_key)
    WHERE a.newest
),
-- When the site sent each page last, and when it sent each figures of a factsheet last.
sent AS MATERIALIZED (
    SELECT s.about, s.url, b.figures_digest, max(f.captured_at) AS sent_at
    FROM page_segment AS s
    JOIN shown_body AS b USING (parse_key)
    JOIN factsheet AS f ON f.about = s.about AND f.url = s.url AND f.status = 200
    WHERE s.newest
    GROUP BY s.about, s.url, b.figures_digest
),
sent_figures AS MATERIALIZED (
    SELECT about, figures_digest, max(captured_at) AS sent_at
    FROM factsheet
    WHERE status = 200
    GROUP BY about, figures_digest
),
-- Pages of which a 304 would not count: others showed other figures since the site sent them.
outdated AS (
    SELECT DISTINCT s.about, s.url
    FROM sent AS s
    JOIN sent_figures AS f
        ON f.about = s.about AND f.figures_digest <> s.figures_digest AND f.sent_at > s.sent_at
),
newest_status AS (
    SELECT about, max_by(status_so_far, captured_at) AS status_so_far
    FROM status_so_far
    GROUP BY about
)
SELECT s.about, s.url, s.content_digest, s.last_at,
    1::BIGINT << (row_number() OVER (PARTITION BY s.about ORDER BY s.url) - 1) AS page
FROM page_segment AS s
LEFT JOIN closed AS c USING (about)
ANTI JOIN (FROM contradiction WHERE interleaved) AS i ON i.about = s.about
ANTI JOIN contradicted AS d ON d.about = s.about AND d.url = s.url
ANTI JOIN outdated AS t ON t.about = s.about AND t.url = s.url
ANTI JOIN stale_validator AS v ON v.about = s.about AND v.url = s.url
LEFT JOIN newest_status AS n ON n.about = s.about
WHERE s.newest
    AND s.last_at >= coalesce(c.until, s.last_at)
    AND s.status_so_far IS NOT DISTINCT FROM n.status_so_far
QUALIFY rank() OVER (PARTITION BY s.about ORDER BY s.url) <= 60;  -- bits of a BIGINT

-- A segment: the time over which a page (one address) said the same, no year became final, and no other
-- page gave the programme another status or end, so that nothing that is derived can change within it.
-- A page seen unchanged every night for a year is two segments, whatever the number of captures: that is
-- what keeps the cost of history down.

-- What decides the basis beside the time, as it was known at each time from whatever page.
CREATE OR REPLACE TEMP TABLE stated AS
WITH told AS (
    SELECT
        e.about,
        e.captured_at,
        max_by(b.status, e.body_sha256) AS status,
        max_by(p.end_date, e.body_sha256) AS end_date
    FROM evidence AS e
    JOIN shown_body AS b USING (body_sha256)
    LEFT JOIN shown_programme AS p USING (body_sha256)
    WHERE e.subject = 'programme'
    GROUP BY e.about, e.captured_at
)
SELECT
    about,
    captured_at,
    {
        'status': last_value(status IGNORE NULLS) OVER so_far,
        'end_date': last_value(end_date IGNORE NULLS) OVER so_far
    } AS stated
FROM told
WINDOW so_far AS (PARTITION BY about ORDER BY captured_at ROWS UNBOUNDED PRECEDING);

CREATE OR REPLACE TEMP TABLE page_segment AS
WITH numbered AS (
    SELECT
        e.*,
        s.stated,
        e.content_digest IS DISTINCT FROM lag(e.content_digest) OVER earlier
        OR s.stated IS DISTINCT FROM lag(s.stated) OVER earlier
        OR core.newest_final_year(captured_at)
            <> core.newest_final_year(lag(captured_at) OVER earlier) AS begins
    FROM evidence AS e
    LEFT JOIN stated AS s USING (about, captured_at)
    WINDOW earlier AS (PARTITION BY about, url ORDER BY captured_at, body_sha256)
),
islands AS (
    SELECT
        *,
        count(*) FILTER (begins) OVER (
            PARTITION BY about, url ORDER BY captured_at, body_sha256
        ) AS island
    FROM numbered
)
SELECT
    about,
    subject,
    url,
    arg_min(body_sha256, (captured_at, body_sha256)) AS body_sha256,
    any_value(content_digest) AS content_digest,
    any_value(stated) AS stated,
    min(captured_at) AS first_at,
    max(captured_at) AS last_at,
    arg_min(capture_id, (captured_at, body_sha256)) AS capture_id,
    row_number() OVER (PARTITION BY about, url ORDER BY island DESC) = 1 AS newest
FROM islands
GROUP BY about, subject, url, island;

-- Bodies of one subject that were shown within the same time (interleaved) or were seen last.
CREATE OR REPLACE TEMP TABLE pair AS
SELECT
    a.about,
    a.body_sha256 AS one_body,
    b.body_sha256 AS other_body,
    bool_or(a.first_at <= b.last_at AND b.first_at <= a.last_at) AS interleaved
FROM page_segment AS a
JOIN page_segment AS b ON a.about = b.about AND a.body_sha256 < b.body_sha256
WHERE a.newest AND b.newest OR a.first_at <= b.last_at AND b.first_at <= a.last_at
GROUP BY a.about, a.body_sha256, b.body_sha256;

CREATE OR REPLACE TEMP TABLE pair_voucher AS
FROM observed.voucher
WHERE body_sha256 IN (SELECT one_body FROM pair UNION ALL SELECT other_body FROM pair);

-- Those that contradict each other. What a page does not show contradicts nothing.
CREATE OR REPLACE TEMP TABLE contradiction AS
WITH of_status AS (
    SELECT pair.*
    FROM pair
    JOIN pair_voucher AS v ON v.body_sha256 = one_body
    JOIN pair_voucher AS w
        ON w.body_sha256 = other_body
        AND w.voucher_number = v.voucher_number
        AND w.voucher_date IS NOT DISTINCT FROM v.voucher_date
        AND w.organization IS NOT DISTINCT FROM v.organization
        AND w.amount_usd = v.amount_usd
        AND w.status <> v.status
)
SELECT pair.*
FROM pair
JOIN shown_body AS x ON x.body_sha256 = one_body
JOIN shown_body AS y ON y.body_sha256 = other_body
LEFT JOIN shown_programme AS p ON p.body_sha256 = one_body
LEFT JOIN shown_programme AS q ON q.body_sha256 = other_body
LEFT JOIN shown_fund AS f ON f.body_sha256 = one_body
LEFT JOIN shown_fund AS g ON g.body_sha256 = other_body
WHERE x.status <> y.status
    OR x.figures_digest <> y.figures_digest
    OR x.narrative_digest <> y.narrative_digest
    OR x.documents_digest <> y.documents_digest
    OR x.contacts_digest <> y.contacts_digest
    OR x.statement_digest <> y.statement_digest
    OR p.title <> q.title
    OR p.description <> q.description
    OR p.fund_code <> q.fund_code
    OR p.fund_name <> q.fund_name
    OR p.theme <> q.theme
    OR p.start_date <> q.start_date
    OR p.end_date <> q.end_date
    OR p.country <> q.country
    OR p.status <> q.status
    OR p.participating_organization <> q.participating_organization
    OR f.name <> g.name
    OR f.fund_type <> g.fund_type
    OR f.start_date <> g.start_date
    OR f.end_date <> g.end_date
UNION
FROM of_status;

-- Open pages: their newest segment may go on without anything being derived anew, since it reaches
-- as far as any that has ended, nothing as new contradicts it, and the status is as it was. Each has
-- a bit.
CREATE OR REPLACE TEMP TABLE open_page AS
WITH closed AS (
    SELECT about, max(last_at) AS until
    FROM page_segment
    WHERE NOT newest
    GROUP BY about
),
-- Pages that another one, seen later, contradicts.
stale AS (
    SELECT a.about, a.url
    FROM page_segment AS a
    JOIN page_segment AS b ON b.about = a.about AND b.newest AND b.last_at > a.last_at
    JOIN contradiction AS c
        ON c.about = a.about
        AND c.one_body = least(a.body_sha256, b.body_sha256)
        AND c.other_body = greatest(a.body_sha256, b.body_sha256)
    WHERE a.newest
)
SELECT s.about, s.url, s.content_digest, s.last_at,
    1::BIGINT << (row_number() OVER (PARTITION BY s.about ORDER BY s.url) - 1) AS page
FROM page_segment AS s
LEFT JOIN closed AS c USING (about)
ANTI JOIN (FROM contradiction WHERE interleaved) AS i ON i.about = s.about
ANTI JOIN stale AS d ON d.about = s.about AND d.url = s.url
ANTI JOIN lying AS l ON l.url = s.url
LEFT JOIN (
    SELECT about, max_by(stated, captured_at) AS stated FROM stated GROUP BY about
) AS t ON t.about = s.about
WHERE s.newest
    AND s.last_at >= coalesce(c.until, s.last_at)
    AND s.stated IS NOT DISTINCT FROM t.stated
QUALIFY row_number() OVER (PARTITION BY s.about ORDER BY s.url) <= 60;

DELETE FROM vintage.open_page WHERE about IN (FROM touched);

INSERT INTO vintage.open_page BY NAME FROM open_page;

-- Where pages contradict each other within the same time, every capture is a segment of its own. Two
-- captures at one second are one observation: in what follows they are merged by their time.
CREATE OR REPLACE TEMP TABLE segment AS
SELECT s.* EXCLUDE (newest, content_digest, stated), if(s.newest, coalesce(o.page, 0), 0) AS page
FROM page_segment AS s
LEFT JOIN open_page AS o USING (about, url)
ANTI JOIN (FROM contradiction WHERE interleaved) AS i ON i.about = s.about
UNION ALL BY NAME
SELECT about, subject, url, body_sha256, captured_at AS first_at, captured_at AS last_at,
    capture_id, 0::BIGINT AS page
FROM evidence
SEMI JOIN (FROM contradiction WHERE interleaved) AS i USING (about);

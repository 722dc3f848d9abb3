-- Choose the segments from which everything else is derived. Where pages contradict each other within
-- the same time, every capture is a segment of its own. Segments that begin at the same second are
-- one observation: later steps merge them by their time.
-- reads: page_segment, contradiction, evidence, vintage.open_page
-- writes: segment

CREATE OR REPLACE TEMP TABLE segment AS
SELECT s.* EXCLUDE (newest, content_digest, status_so_far),
    if(s.newest, coalesce(o.page, 0), 0) AS page
FROM page_segment AS s
LEFT JOIN vintage.open_page AS o ON o.about = s.about AND o.url = s.url
ANTI JOIN (FROM contradiction WHERE interleaved) AS i ON i.about = s.about
UNION ALL BY NAME
SELECT about, subject, url, parse_key, captured_at AS first_at, captured_at AS last_at,
    statement_month, from_api, capture_id, 0::BIGINT AS page
FROM evidence
SEMI JOIN (FROM contradiction WHERE interleaved) AS i USING (about);

-- meta.layout_drift: Layouts of which less is understood than of earlier pages
-- A page has drifted where a smaller share of its labels and headings is known than on the last
-- earlier page of the same kind of the same programme, fund or URL.
-- page_kind: Kind of the pages, decided by their content
-- layout: The layout that is not understood: representation and table headings
-- pages [pages]: Captures with a smaller share than before
-- known_share_before_pct [percent]: Share of labels and headings known on the pages before, on average
-- known_share_pct [percent]: Share of those known on these pages, on average
-- first_captured_at [UTC]: Capture time of the first of them
-- capture_id: The newest of them, as an example
-- url: Its URL
CREATE OR REPLACE VIEW meta.layout_drift AS
-- Of the others, nothing that any page has is unknown.
WITH doubtful AS (
    SELECT DISTINCT c.page_kind, coalesce(c.programme_id, c.fund_code, c.url) AS subject
    FROM raw.capture AS c
    JOIN observed.body AS b USING (parse_key)
    WHERE c.state = 'loaded' AND b.unknown > 0
),
seen AS (
    SELECT
        c.capture_id,
        c.url,
        c.captured_at,
        c.page_kind,
        coalesce(c.programme_id, c.fund_code, c.url) AS subject,
        b.layout,
        b.known / (b.known + b.unknown) AS share
    FROM raw.capture AS c
    JOIN observed.body AS b USING (parse_key)
    SEMI JOIN doubtful AS d
        ON d.page_kind = c.page_kind
        AND d.subject = coalesce(c.programme_id, c.fund_code, c.url)
    WHERE c.state = 'loaded' AND b.known + b.unknown > 0
),
compared AS (
    SELECT
        *,
        lag(share) OVER (
            PARTITION BY page_kind, subject ORDER BY captured_at, capture_id
        ) AS share_before
    FROM seen
)
SELECT
    page_kind,
    layout,
    count(*) AS pages,
    (100 * avg(share_before))::DECIMAL(5, 2) AS known_share_before_pct,
    (100 * avg(share))::DECIMAL(5, 2) AS known_share_pct,
    min(captured_at) AS first_captured_at,
    max_by(capture_id, (captured_at, capture_id)) AS capture_id,
    max_by(url, (captured_at, capture_id)) AS url
FROM compared
WHERE share < share_before
GROUP BY page_kind, layout;

-- Layouts of which less is understood than of the page before.
SELECT
    page_kind, layout[:80] AS layout, pages, known_share_before_pct, known_share_pct,
    first_captured_at, url
FROM meta.layout_drift
ORDER BY pages DESC, layout

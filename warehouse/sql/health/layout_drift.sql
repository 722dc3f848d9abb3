-- Layouts of which less was understood than of the page before, on a page fetched since a time.
SELECT count(*) AS layouts
FROM meta.layout_drift AS d
JOIN raw.capture AS c USING (capture_id)
WHERE c.fetched_at >= getvariable('since');

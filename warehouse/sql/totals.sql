-- Programmes known, as `mptf sync` counts them; with any figure; with an open year that has no year-end figure after 30 April.
SELECT
    (
        SELECT count(*)
        FROM (
            SELECT o.programme_id
            FROM observed.listing AS o
            JOIN vintage.page_body AS c USING (parse_key)
            WHERE c.state = 'loaded' AND o.programme_id IS NOT NULL
            UNION
            SELECT programme_id
            FROM vintage.page_body
            WHERE state = 'loaded' AND page_kind IN ('programme_factsheet', 'programme_page')
                AND programme_id IS NOT NULL
        )
    ),
    (SELECT count(DISTINCT programme_id) FROM vintage.figure),
    (SELECT count(DISTINCT programme_id) FROM mart.missing_year_end);

-- Programmes known, as `mptf sync` counts them; with any figure; with an open year that has no year-end figure after 30 April.
SELECT
    (SELECT count(*) FROM vintage.known_programmes()),
    (SELECT count(DISTINCT programme_id) FROM vintage.figure),
    (SELECT count(DISTINCT programme_id) FROM mart.missing_year_end);

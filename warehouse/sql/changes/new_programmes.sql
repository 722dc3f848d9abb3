-- Programmes of which some runs captured the first page.
SELECT p.programme_id, p.title, p.fund_code
FROM core.programme AS p
SEMI JOIN run_capture USING (capture_id)
ANTI JOIN core.programme AS earlier
    ON earlier.programme_id = p.programme_id AND earlier.known_from < p.known_from
ORDER BY p.programme_id;

-- mart.programme_known: Every programme of which a page was loaded
-- That is more than mart.programme_current has: a programme counts though what its page says of who it
-- is was set aside.
-- pages [captures]: Captures that were loaded of the programme's pages
-- first_captured_at [UTC]: When the first of them was captured
-- last_captured_at [UTC]: When the last of them was captured
CREATE OR REPLACE VIEW mart.programme_known AS
SELECT
    programme_id,
    count(*) AS pages,
    min(captured_at) AS first_captured_at,
    max(captured_at) AS last_captured_at
FROM raw.capture
WHERE state = 'loaded' AND subject = 'programme'
GROUP BY programme_id;

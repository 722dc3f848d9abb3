-- Record the newest order about each capture, and find the captures that count until now and are to be
-- forgotten.
-- reads: new_order, raw.forget_order, raw.capture
-- writes: newest_order, raw.forget_order, forgotten_capture
CREATE OR REPLACE TEMP TABLE newest_order AS
SELECT DISTINCT ON (capture_id) *
FROM (FROM new_order UNION ALL BY NAME FROM raw.forget_order SEMI JOIN new_order USING (capture_id))
ORDER BY ordered_at DESC, run_id DESC;

DELETE FROM raw.forget_order WHERE capture_id IN (SELECT capture_id FROM newest_order);

INSERT INTO raw.forget_order BY NAME FROM newest_order;

CREATE OR REPLACE TEMP TABLE forgotten_capture AS
FROM raw.capture
WHERE capture_id IN (SELECT capture_id FROM newest_order WHERE action <> 'restore');

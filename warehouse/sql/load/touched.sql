-- The programmes whose vintages the batch can change: run before and after the captures are loaded.
CREATE TEMP TABLE IF NOT EXISTS touched (programme_id VARCHAR);

INSERT INTO touched
SELECT DISTINCT programme_id
FROM raw.capture
WHERE state = 'loaded' AND capture_id IN (SELECT capture_id FROM new_capture)
EXCEPT
FROM touched;

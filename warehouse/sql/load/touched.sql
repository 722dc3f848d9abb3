-- The programmes and funds whose vintages the batch can change: run before and after the captures
-- are loaded.
CREATE TEMP TABLE IF NOT EXISTS touched (programme_id VARCHAR);
CREATE TEMP TABLE IF NOT EXISTS touched_fund (fund_code VARCHAR);

INSERT INTO touched
SELECT DISTINCT programme_id
FROM raw.capture
WHERE state = 'loaded'
    AND subject = 'programme'
    AND capture_id IN (SELECT capture_id FROM new_capture)
EXCEPT
FROM touched;

INSERT INTO touched_fund
SELECT DISTINCT fund_code
FROM raw.capture
WHERE state = 'loaded'
    AND subject = 'fund'
    AND capture_id IN (SELECT capture_id FROM new_capture)
EXCEPT
FROM touched_fund;

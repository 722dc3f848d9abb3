-- The captures of the batch that the ledger does not hold yet.
CREATE OR REPLACE TEMP TABLE arrived AS
SELECT DISTINCT capture_id FROM new_capture
EXCEPT
SELECT capture_id FROM raw.capture;

-- Every programme of which anything is known.
SELECT programme_id FROM core.programme
UNION
SELECT programme_id FROM vintage.figure
UNION
SELECT programme_id FROM vintage.voucher
ORDER BY programme_id;

-- Delete all that is derived of the changed programmes and funds, before it is derived anew.
-- reads: changed_subject
-- writes: vintage.open_page, core.programme, vintage.source_difference, vintage.later_year, vintage.absence, vintage.figure, vintage.restatement, vintage.list, core.narrative, core.document, core.contact, vintage.voucher, core.fund, core.funding_status, core.fund_narrative, core.fund_document, vintage.last_shown, vintage.reconciliation, vintage.sighting, meta.check_result, vintage.passed_check
DELETE FROM vintage.open_page WHERE about IN (FROM changed_subject);
DELETE FROM core.programme WHERE programme_id IN (FROM changed_subject);
DELETE FROM vintage.source_difference WHERE programme_id IN (FROM changed_subject);
DELETE FROM vintage.later_year WHERE programme_id IN (FROM changed_subject);
DELETE FROM vintage.absence WHERE programme_id IN (FROM changed_subject);
DELETE FROM vintage.figure WHERE programme_id IN (FROM changed_subject);
DELETE FROM vintage.restatement WHERE programme_id IN (FROM changed_subject);
DELETE FROM vintage.list WHERE about IN (FROM changed_subject);
DELETE FROM core.narrative WHERE programme_id IN (FROM changed_subject);
DELETE FROM core.document WHERE programme_id IN (FROM changed_subject);
DELETE FROM core.contact WHERE programme_id IN (FROM changed_subject);
DELETE FROM vintage.voucher WHERE programme_id IN (FROM changed_subject);
DELETE FROM core.fund WHERE fund_code IN (FROM changed_subject);
DELETE FROM core.funding_status WHERE fund_code IN (FROM changed_subject);
DELETE FROM core.fund_narrative WHERE fund_code IN (FROM changed_subject);
DELETE FROM core.fund_document WHERE fund_code IN (FROM changed_subject);
DELETE FROM vintage.last_shown WHERE about IN (FROM changed_subject);
DELETE FROM vintage.reconciliation WHERE programme_id IN (FROM changed_subject);
DELETE FROM vintage.sighting WHERE about IN (FROM changed_subject);
DELETE FROM meta.check_result
WHERE coalesce(programme_id, fund_code) IN (FROM changed_subject);
DELETE FROM vintage.passed_check WHERE about IN (FROM changed_subject);

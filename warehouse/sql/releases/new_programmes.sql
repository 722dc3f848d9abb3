-- Programmes that the release before did not know.
SELECT p.programme_id, p.title, p.fund_code
FROM mart.programme_current AS p
ANTI JOIN before.core.programme AS b USING (programme_id)
ORDER BY p.programme_id;

-- Programmes whose status is not what it was in the release before.
SELECT p.programme_id, p.title, b.status AS old_status, p.status AS new_status
FROM mart.programme_current AS p
JOIN before.mart.programme_current AS b USING (programme_id)
WHERE p.status IS DISTINCT FROM b.status
ORDER BY p.programme_id;

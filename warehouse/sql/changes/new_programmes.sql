-- Programmes whose first page was captured by some runs.
WITH candidate AS (
    SELECT programme_id
    FROM vintage.page_body
    SEMI JOIN run_capture USING (programme_id)
    GROUP BY programme_id
    HAVING min(first_at) >= (SELECT min(captured_at) FROM run_capture)
),
newest AS (
    SELECT programme_id, title, fund_code
    FROM core.programme
    SEMI JOIN candidate USING (programme_id)
    QUALIFY rank() OVER (PARTITION BY programme_id ORDER BY known_from DESC) = 1
)
SELECT n.programme_id, n.title, n.fund_code
FROM newest AS n
ANTI JOIN (FROM other_capture SEMI JOIN candidate USING (programme_id)) AS o USING (programme_id)
ORDER BY n.programme_id;

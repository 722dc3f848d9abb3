-- Programmes that lack the newest year-end figure that was due, and of which no page was captured since
-- its deadline, nor an answer of the API that has rows of it. Those whose page was asked for since, and
-- failed, are known.
WITH due AS (
    SELECT DISTINCT programme_id, deadline
    FROM late
    WHERE fiscal_year = core.newest_final_year(core.moment())
)
SELECT count(*) AS programmes
FROM due AS d
WHERE NOT EXISTS (
    FROM raw.capture AS c
    WHERE c.programme_id = d.programme_id AND c.captured_at > d.deadline
)
AND NOT EXISTS (
    FROM observed.part AS p
    JOIN vintage.page_body AS b USING (parse_key)
    WHERE p.programme_id = d.programme_id AND b.last_at > d.deadline
)
AND NOT EXISTS (
    FROM meta.failure AS f
    JOIN meta.run AS r USING (run_id)
    WHERE f.programme_id = d.programme_id AND r.started_at > d.deadline
);

-- What is in quarantine, by rule.
SELECT rule, table_name, count(*) AS open
FROM meta.quarantine
WHERE resolved_at IS NULL
GROUP BY rule, table_name
ORDER BY open DESC, rule, table_name

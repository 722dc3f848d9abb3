-- Findings by kind.
SELECT kind, count(*) AS captures, count(DISTINCT subject) AS subjects
FROM meta.finding
GROUP BY kind
ORDER BY captures DESC, kind

-- When tables of figures began to be shown that were read in full: what is not in them is not shown.
SELECT s.about AS programme_id, t.by_year, t.by_organization, s.first_at
FROM segment AS s
JOIN observed.figure_table AS t USING (body_sha256)
WHERE t.read_in_full

-- Which programmes write about a subject?
-- All words must occur; a `*` behind the last one stands for any ending. The best match comes first.
SELECT programme_id, title, section, outcome_no, left(text, 80) AS begins, score
FROM mart.search('farmers yield*')
WHERE kind = 'passage'
LIMIT 5;

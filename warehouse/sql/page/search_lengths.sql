-- The terms of the search index, and in how many texts each is.
SELECT term, count(*) AS texts
FROM vintage.search_term
GROUP BY term
ORDER BY term;

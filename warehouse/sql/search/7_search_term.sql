-- vintage.search_term: How much each term weighs in each passage and document that has it
-- It is a view in the working file, and a table in a release.
-- term: A word without accents and case
-- text_no: Number of the passage or document in vintage.search_text
-- weight: A hundred times the term's share of the BM25 score (k1 1.2, b 0.75)
CREATE OR REPLACE VIEW vintage.search_term AS
WITH worded AS (
    SELECT text_no, vintage.terms(text) AS terms
    FROM vintage.search_text
),
measured AS (
    SELECT count(*) AS texts, avg(len(terms)) AS average
    FROM worded
),
counted AS (
    SELECT text_no, unnest(terms) AS term, len(terms) AS length
    FROM worded
),
shared AS (
    SELECT term, text_no, count(*) AS times, any_value(length) AS length
    FROM counted
    GROUP BY term, text_no
)
SELECT
    s.term,
    s.text_no,
    round(
        100 * ln(1 + (m.texts - count(*) OVER of_term + 0.5) / (count(*) OVER of_term + 0.5))
        * s.times * 2.2 / (s.times + 1.2 * (0.25 + 0.75 * s.length / m.average))
    )::INTEGER AS weight
FROM shared AS s
CROSS JOIN measured AS m
WINDOW of_term AS (PARTITION BY s.term);

-- Return the passages and documents that have all the words, the best first. A last word that ends
-- with `*` stands for all words that begin so.
CREATE OR REPLACE MACRO mart.search(words) AS TABLE
WITH asked AS (
    SELECT DISTINCT unnest(vintage.terms(words)) AS word, false AS is_prefix
    WHERE NOT vintage.ends_with_star(words)
    UNION ALL
    SELECT DISTINCT unnest(vintage.terms(words)[:-2]), false
    WHERE vintage.ends_with_star(words)
    UNION ALL
    SELECT vintage.terms(words)[-1], true
    WHERE vintage.ends_with_star(words)
),
matched AS (
    SELECT t.text_no, max(t.weight) AS weight
    FROM (
        FROM vintage.search_term
        WHERE list_contains(vintage.terms(words), term)
            OR vintage.ends_with_star(words) AND starts_with(term, vintage.terms(words)[-1])
    ) AS t
    JOIN asked AS a ON t.term = a.word OR a.is_prefix AND starts_with(t.term, a.word)
    GROUP BY t.text_no, a.word, a.is_prefix
),
scored AS (
    SELECT text_no, sum(weight) AS weight
    FROM matched
    GROUP BY text_no
    HAVING count(*) = (SELECT count(*) FROM asked)
)
SELECT kind, programme_id, fund_code, title, fund_name, section, outcome_no, seq, document_date,
    text, url, s.weight / 100 AS score
FROM scored AS s
JOIN vintage.search_text USING (text_no)
ORDER BY s.weight DESC, text_no;

-- The passages and documents that are searched.
SELECT text_no, kind, coalesce(programme_id, fund_code) AS about, programme_id IS NULL AS of_fund,
    section, outcome_no, seq, url, document_date, text
FROM vintage.search_text
WHERE text_no BETWEEN $first AND $last
ORDER BY text_no;

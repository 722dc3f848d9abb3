-- vintage.search_text: Every passage and document that mart.search searches, numbered
-- It is a view in the working file, and a table in a release.
-- text_no: Number of the passage or document within this file
-- kind: Passage or document
-- text: The passage, or the title of the document
-- url: URL of the document; of a passage, URL of its page
CREATE OR REPLACE VIEW vintage.search_text AS
WITH found AS (
    SELECT 'passage' AS kind, programme_id, fund_code, title, fund_name, section, outcome_no, seq,
        text, source_url AS url, NULL AS url_printed
    FROM mart.narrative_current
    UNION ALL BY NAME
    SELECT 'document' AS kind, programme_id, fund_code, title, fund_name, document_date,
        document_title AS text, url, url_printed
    FROM mart.document_current
)
SELECT
    row_number() OVER (
        ORDER BY
            programme_id NULLS FIRST, fund_code, kind, section, outcome_no, seq,
            text, url_printed NULLS FIRST
    ) AS text_no,
    * EXCLUDE (url_printed)
FROM found;

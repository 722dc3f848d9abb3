-- Return each capture with the version of the parser that read its page.
CREATE OR REPLACE MACRO raw.parsed_captures() AS TABLE
SELECT c.capture_id, c.url, b.parser_version
FROM raw.capture AS c
JOIN observed.body AS b USING (parse_key);

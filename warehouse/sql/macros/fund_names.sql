-- Return the name of each fund, as its page printed it last.
CREATE OR REPLACE MACRO core.fund_names() AS TABLE
SELECT fund_code, max_by(name, known_from) AS fund_name
FROM core.fund
WHERE name IS NOT NULL
GROUP BY fund_code;

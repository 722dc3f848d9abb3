-- Return the name of each fund, as its page printed it last.
CREATE OR REPLACE MACRO core.fund_names() AS TABLE
SELECT fund_code, max_by(name, known_from) AS fund_name
FROM core.fund
WHERE name IS NOT NULL
GROUP BY fund_code;

-- Return the year in which each fund began, as its page printed it last.
CREATE OR REPLACE MACRO core.funds_begun() AS TABLE
SELECT fund_code, year(max_by(start_date, known_from)) AS begun_year
FROM core.fund
WHERE start_date IS NOT NULL
GROUP BY fund_code;

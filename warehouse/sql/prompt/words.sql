-- What the prompt completes, with what it shows beside: columns, and the words of SQL.
SELECT column_name AS word, any_value(data_type ORDER BY data_type) AS meaning
FROM duckdb_columns()
WHERE NOT internal AND schema_name IN ('mart', 'core', 'meta', 'raw')
GROUP BY ALL
UNION ALL
SELECT upper(keyword_name), ''
FROM duckdb_keywords()
WHERE keyword_category = 'reserved' OR keyword_name IN ('by', 'over', 'variable', 'values')
ORDER BY 1

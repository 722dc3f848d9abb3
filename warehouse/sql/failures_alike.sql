-- Whether meta.failure has the same columns in this file and in an older one.
SELECT count(*) = 2 AND count(DISTINCT columns) = 1
FROM (
    SELECT list(column_name || ' ' || data_type ORDER BY column_index) AS columns
    FROM duckdb_columns()
    WHERE database_name IN (current_database(), 'old')
        AND schema_name = 'meta'
        AND table_name = 'failure'
    GROUP BY database_name
)

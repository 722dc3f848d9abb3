-- The columns of the table that the variable `name` names, with or without its schema.
SELECT column_name AS "column", data_type AS type, comment AS description
FROM duckdb_columns()
WHERE getvariable('name') IN (table_name, schema_name || '.' || table_name)
ORDER BY schema_name, table_name, column_index

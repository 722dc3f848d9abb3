-- The tables and views, those to query first on top, and the macros that are tables.
SELECT schema_name || '.' || name AS name, description
FROM (
    SELECT schema_name, view_name AS name, comment AS description
    FROM duckdb_views()
    WHERE NOT internal
    UNION ALL
    SELECT schema_name, table_name, comment
    FROM duckdb_tables()
    WHERE NOT internal
    UNION ALL
    SELECT schema_name, function_name, 'a macro: ' || function_name || '(' || array_to_string(parameters, ', ') || ')'
    FROM duckdb_functions()
    WHERE NOT internal AND function_type = 'table_macro' AND schema_name = 'mart'
)
ORDER BY schema_name <> 'mart', schema_name, name

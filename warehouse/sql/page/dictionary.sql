-- Every table, view and column of this release, and what it means.
SELECT table_name, column_name, type, unit, description, source, private
FROM meta.data_dictionary
ORDER BY table_name, column_name <> '', rowid;

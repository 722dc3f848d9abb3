-- Record how far each archive file has been loaded.
-- reads: new_archive_file
-- writes: raw.archive_file
DELETE FROM raw.archive_file WHERE warc_file IN (SELECT warc_file FROM new_archive_file);
INSERT INTO raw.archive_file BY NAME FROM new_archive_file;

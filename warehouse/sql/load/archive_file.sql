-- How far each archive file is in the ledger.
DELETE FROM raw.archive_file WHERE warc_file IN (SELECT warc_file FROM new_archive_file);
INSERT INTO raw.archive_file BY NAME FROM new_archive_file;

-- Every programme of which a page was loaded.
SELECT programme_id FROM mart.programme_known ORDER BY programme_id;

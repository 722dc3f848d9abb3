-- Mark as resolved what was in quarantine and no longer fails, of the bodies parsed again and of the
-- captures decided anew.
-- reads: new_capture, new_body, page_quarantine, new_quarantine
-- writes: meta.quarantine
UPDATE meta.quarantine
SET resolved_at = date_trunc('second', now() AT TIME ZONE 'UTC')
WHERE resolved_at IS NULL
    AND if(
        table_name = 'raw.capture',
        capture_id IN (SELECT capture_id FROM new_capture),
        parse_key IN (SELECT parse_key FROM new_body)
    )
    AND quarantine_id NOT IN (SELECT quarantine_id FROM page_quarantine)
    AND quarantine_id NOT IN (SELECT quarantine_id FROM new_quarantine);

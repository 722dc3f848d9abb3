-- Of the bodies read again, and of the captures settled again: what was in quarantine and no longer fails is resolved.
UPDATE meta.quarantine
SET resolved_at = date_trunc('second', now() AT TIME ZONE 'UTC')
WHERE resolved_at IS NULL
    AND if(
        table_name = 'raw.capture',
        capture_id IN (SELECT capture_id FROM new_capture),
        body_sha256 IN (SELECT body_sha256 FROM new_body)
    )
    AND quarantine_id NOT IN (SELECT quarantine_id FROM page_quarantine)
    AND quarantine_id NOT IN (SELECT quarantine_id FROM new_quarantine);

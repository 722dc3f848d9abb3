-- New captures into the ledger, with what their bodies turned out to be. A page whose address names
-- another programme than its content does not count, whichever of the two is right.
INSERT INTO raw.capture BY NAME
SELECT
    n.* EXCLUDE (address_programme_id, address_fund_code),
    b.page_kind,
    b.programme_id,
    coalesce(p.fund_code, n.address_fund_code) AS fund_code,
    b.representation,
    CASE
        WHEN b.refused_rule IS NOT NULL OR n.address_programme_id <> b.programme_id
            THEN 'quarantined'
        ELSE 'loaded'
    END AS state
FROM new_capture AS n
LEFT JOIN observed.body AS b USING (body_sha256)  -- without one, NOT NULL refuses the batch
LEFT JOIN observed.programme AS p USING (body_sha256)
ANTI JOIN raw.capture AS c ON c.capture_id = n.capture_id
-- One that was archived twice stands where it stood first.
QUALIFY row_number() OVER (PARTITION BY n.capture_id ORDER BY n.warc_file, n.warc_offset) = 1;

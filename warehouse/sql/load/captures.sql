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
JOIN observed.body AS b USING (body_sha256)
LEFT JOIN observed.programme AS p USING (body_sha256)
ANTI JOIN raw.capture AS c ON c.capture_id = n.capture_id;

-- Store the vintages of organizations' figures: a year's, and those over several years.
-- reads: source_vintage, changed_source
-- writes: core.organization_snapshot, core.organization_cumulative_snapshot

DELETE FROM core.organization_snapshot
WHERE agency_code IN (SELECT code FROM changed_source WHERE kind = 'organization');

INSERT INTO core.organization_snapshot BY NAME
SELECT
    * EXCLUDE (kind, to_year, commitments_usd, deposits_usd, contributor_fund_code)
        RENAME (code AS agency_code, name AS organization, printed AS organization_printed,
            from_year AS fiscal_year)
FROM source_vintage
WHERE kind = 'organization' AND from_year = to_year AND from_year > 0;

DELETE FROM core.organization_cumulative_snapshot
WHERE agency_code IN (SELECT code FROM changed_source WHERE kind = 'organization');

INSERT INTO core.organization_cumulative_snapshot BY NAME
SELECT
    * EXCLUDE (kind, commitments_usd, deposits_usd, contributor_fund_code)
        RENAME (code AS agency_code, name AS organization, printed AS organization_printed)
FROM source_vintage
WHERE kind = 'organization' AND NOT (from_year = to_year AND from_year > 0);

-- Store the vintages of organizations' figures: a year's, and those over several years.
-- reads: answer_vintage, changed_years
-- writes: core.organization_snapshot, core.organization_cumulative_snapshot

DELETE FROM core.organization_snapshot
WHERE (fiscal_year, fiscal_year) IN (SELECT (from_year, to_year) FROM changed_years);

INSERT INTO core.organization_snapshot BY NAME
SELECT
    * EXCLUDE (kind, to_year, commitments_usd, deposits_usd)
        RENAME (code AS agency_code, name AS organization, printed AS organization_printed,
            from_year AS fiscal_year)
FROM answer_vintage
WHERE kind = 'organization' AND from_year = to_year AND from_year > 0;

DELETE FROM core.organization_cumulative_snapshot
WHERE (from_year, to_year) IN (SELECT (from_year, to_year) FROM changed_years);

INSERT INTO core.organization_cumulative_snapshot BY NAME
SELECT
    * EXCLUDE (kind, commitments_usd, deposits_usd)
        RENAME (code AS agency_code, name AS organization, printed AS organization_printed)
FROM answer_vintage
WHERE kind = 'organization' AND NOT (from_year = to_year AND from_year > 0);

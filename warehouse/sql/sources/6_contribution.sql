-- Store the vintages of contributions: a year's, and those over several years.
-- reads: source_vintage, changed_source
-- writes: core.contribution_snapshot, core.contribution_cumulative_snapshot

DELETE FROM core.contribution_snapshot
WHERE fund_code IN (SELECT code FROM changed_source WHERE kind = 'contribution');

INSERT INTO core.contribution_snapshot BY NAME
SELECT
    code AS fund_code, name AS contributor, printed AS contributor_printed, contributor_fund_code,
    from_year AS fiscal_year, known_from, commitments_usd, deposits_usd, last_seen,
    no_longer_shown_since, capture_id
FROM source_vintage
WHERE kind = 'contribution' AND from_year = to_year AND from_year > 0;

DELETE FROM core.contribution_cumulative_snapshot
WHERE fund_code IN (SELECT code FROM changed_source WHERE kind = 'contribution');

INSERT INTO core.contribution_cumulative_snapshot BY NAME
SELECT
    code AS fund_code, name AS contributor, printed AS contributor_printed, contributor_fund_code,
    from_year, to_year, known_from, commitments_usd, deposits_usd, last_seen,
    no_longer_shown_since, capture_id
FROM source_vintage
WHERE kind = 'contribution' AND NOT (from_year = to_year AND from_year > 0);

-- List the rows of the sources about the changed organizations and funds. An amount is exact where its
-- source shows cents: the API, and a page that prints any.
-- reads: changed_source, source_segment, observed.organization_figure, observed.contribution
-- writes: source_row

CREATE OR REPLACE TEMP TABLE source_row AS
WITH source AS (
    SELECT DISTINCT parse_key, of_fund, from_api FROM source_segment
),
said AS (
    SELECT
        'organization' AS kind, s.of_fund, s.from_api, '' AS fund_shown,
        o.* RENAME (agency_code AS code, organization AS name, organization_printed AS printed)
    FROM observed.organization_figure AS o
    JOIN source AS s USING (parse_key)
    UNION ALL BY NAME
    SELECT
        'contribution' AS kind, s.of_fund, s.from_api, o.fund_code AS fund_shown,
        o.* EXCLUDE (fund_code) RENAME (contributor AS name, contributor_printed AS printed),
        if(o.fund_code = '(page)', s.of_fund, o.fund_code) AS code
    FROM observed.contribution AS o
    JOIN source AS s USING (parse_key)
),
told AS (
    SELECT
        *,
        from_api OR coalesce(
            bool_or(commitments_usd % 1 <> 0 OR deposits_usd % 1 <> 0) OVER (
                PARTITION BY parse_key
            ),
            false
        ) AS is_exact
    FROM said
)
SELECT
    *,
    if(is_exact, commitments_usd, NULL) AS exact_commitments,
    if(is_exact, deposits_usd, NULL) AS exact_deposits
FROM told
SEMI JOIN changed_source USING (kind, code);

-- Derive the vintages of figures. What a segment does not show is carried forward: the office's own
-- books across the basis, expenditure within one basis only, the delivery rate until a figure that it
-- depends on changes. A vintage begins where a measure or the basis changes.
-- reads: changed_subject, figure_shown, vintage.absence
-- writes: vintage.figure

DELETE FROM vintage.figure WHERE programme_id IN (FROM changed_subject);

INSERT INTO vintage.figure BY NAME
WITH carried AS (
    SELECT
        programme_id,
        organization,
        fiscal_year,
        first_at,
        basis,
        last_value(
            COLUMNS(lambda name: name LIKE '%_usd' AND name <> 'expenditure_usd') IGNORE NULLS
        ) OVER so_far,
        if(
            last_value(if(expenditure_usd IS NULL, NULL, basis) IGNORE NULLS) OVER so_far = basis,
            last_value(expenditure_usd IGNORE NULLS) OVER so_far,
            NULL
        ) AS expenditure_usd,
        last_value(delivery_rate_pct IGNORE NULLS) OVER so_far AS newest_rate_pct,
        max(if(delivery_rate_pct IS NULL, NULL, first_at)) OVER so_far AS rated_at,
        organization_printed,
        capture_id,
        seen_until,
        pages
    FROM figure_shown
    WHERE any_measure IS NOT NULL
    WINDOW so_far AS (
        PARTITION BY programme_id, organization, fiscal_year
        ORDER BY first_at ROWS UNBOUNDED PRECEDING
    )
),
compared AS (
    SELECT *, (expenditure_usd, net_funded_usd, transfers_usd, refunds_usd) AS rate_depends_on,
        rate_depends_on IS DISTINCT FROM lag(rate_depends_on) OVER (
            PARTITION BY programme_id, organization, fiscal_year ORDER BY first_at
        ) AS rate_expires
    FROM carried
),
rated AS (
    SELECT
        * EXCLUDE (newest_rate_pct, rated_at, rate_depends_on, rate_expires),
        if(
            rated_at >= max(if(rate_expires, first_at, NULL)) OVER (
                PARTITION BY programme_id, organization, fiscal_year
                ORDER BY first_at ROWS UNBOUNDED PRECEDING
            ),
            newest_rate_pct,
            NULL
        ) AS delivery_rate_pct
    FROM compared
),
observed AS (
    SELECT *, row(basis, *COLUMNS('_(usd|pct)$')) AS measures
    FROM rated
),
begun AS (
    SELECT
        * EXCLUDE (measures),
        measures IS DISTINCT FROM lag(measures) OVER (
            PARTITION BY programme_id, organization, fiscal_year ORDER BY first_at
        ) AS begins
    FROM observed
),
numbered AS (
    SELECT
        * EXCLUDE (begins),
        count(*) FILTER (begins) OVER (
            PARTITION BY programme_id, organization, fiscal_year
            ORDER BY first_at ROWS UNBOUNDED PRECEDING
        ) AS vintage_no
    FROM begun
),
vintage AS (
    SELECT
        programme_id,
        organization,
        fiscal_year,
        min(first_at) AS known_from,
        max(seen_until) AS seen_until,
        bit_or(pages) AS pages,
        arg_min_null(
            COLUMNS('^(basis|.*_usd|.*_pct|organization_printed|capture_id)$'), first_at
        )
    FROM numbered
    GROUP BY programme_id, organization, fiscal_year, vintage_no
)
SELECT v.*, a.gone_at AS no_longer_shown_since
FROM vintage AS v
LEFT JOIN (FROM vintage.absence WHERE back_at IS NULL) AS a
    ON a.programme_id = v.programme_id
    AND a.organization = v.organization
    AND a.fiscal_year IS NOT DISTINCT FROM v.fiscal_year;

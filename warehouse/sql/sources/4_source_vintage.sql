-- Derive the vintages of the rows of sources. The rules are those of a programme's figures: what the
-- office's own books say is carried forward across the basis, expenditure within one basis, and the
-- delivery rate until a figure that it depends on changes. Of sources of one second that contradict each
-- other, the API counts, else the greater key. An amount in whole dollars is the exact one before it,
-- else the one after it, if it is within half a dollar of it. Expenditure of years later than the capture
-- is set aside, and a row without any measure is no fact. Pages and the API are each judged by itself:
-- from a source a row is gone when a URL that had shown it shows in full later what lacks it; a row that
-- both have shown is gone when it is gone from both.
-- reads: source_row, source_capture, source_segment, source_contradiction, observed.contribution_table
-- writes: source_shown, source_vintage

CREATE OR REPLACE TEMP TABLE source_shown AS
WITH counted AS (
    SELECT
        s.url, s.parse_key, s.of_fund, s.first_at, s.last_at, s.capture_id,
        r.kind, r.code, r.from_year, r.to_year
    FROM source_segment AS s
    JOIN (
        SELECT DISTINCT parse_key, of_fund, kind, code, from_year, to_year FROM source_row
    ) AS r USING (parse_key, of_fund)
    ANTI JOIN source_contradiction AS c USING (url, kind, code, from_year, to_year)
    UNION ALL BY NAME
    SELECT
        s.url, s.parse_key, s.of_fund, s.captured_at AS first_at, s.captured_at AS last_at,
        s.capture_id, c.kind, c.code, c.from_year, c.to_year
    FROM source_capture AS s
    JOIN source_contradiction AS c USING (url)
),
merged AS (
    SELECT
        r.kind, r.code, r.name, r.from_year, r.to_year, s.first_at,
        max(s.last_at) AS last_at,
        max_by(
            COLUMNS(
                r.* EXCLUDE (
                    kind, code, name, from_year, to_year, parse_key, of_fund, from_api, fund_shown,
                    is_exact
                )
            ),
            (r.from_api, s.parse_key, r.fund_shown)
        ),
        max_by(s.capture_id, (r.from_api, s.parse_key, s.capture_id)) AS capture_id,
        r.from_year > year(s.first_at) AS is_later
    FROM counted AS s
    JOIN source_row AS r USING (parse_key, of_fund, kind, code, from_year, to_year)
    GROUP BY r.kind, r.code, r.name, r.from_year, r.to_year, s.first_at
)
SELECT
    * EXCLUDE (exact_commitments, exact_deposits) REPLACE (
        if(is_later AND expenditure_usd <> 0, NULL, expenditure_usd) AS expenditure_usd,
        if(is_later, NULL, delivery_rate_pct) AS delivery_rate_pct,
        vintage.finer(
            coalesce(exact_commitments, commitments_usd),
            exact_commitments IS NOT NULL,
            last_value(exact_commitments IGNORE NULLS) OVER before,
            first_value(exact_commitments IGNORE NULLS) OVER after,
            0.5
        ) AS commitments_usd,
        vintage.finer(
            coalesce(exact_deposits, deposits_usd),
            exact_deposits IS NOT NULL,
            last_value(exact_deposits IGNORE NULLS) OVER before,
            first_value(exact_deposits IGNORE NULLS) OVER after,
            0.5
        ) AS deposits_usd
    ),
    if(kind = 'organization', core.basis_of(nullif(to_year, 0), first_at, NULL), NULL) AS basis
FROM merged
WINDOW
    before AS (
        PARTITION BY kind, code, name, from_year, to_year
        ORDER BY first_at ROWS UNBOUNDED PRECEDING
    ),
    after AS (
        PARTITION BY kind, code, name, from_year, to_year
        ORDER BY first_at ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    );

CREATE OR REPLACE TEMP TABLE source_vintage AS
WITH measured AS (
    SELECT *, coalesce(fund_count, *COLUMNS('_(usd|pct)$')) AS any_measure
    FROM source_shown
),
carried AS (
    SELECT
        kind, code, name, from_year, to_year, first_at, last_at, capture_id, basis, printed,
        last_value(organization_group IGNORE NULLS) OVER so_far AS organization_group,
        last_value(approved_budget_usd IGNORE NULLS) OVER so_far AS approved_budget_usd,
        last_value(net_funded_usd IGNORE NULLS) OVER so_far AS net_funded_usd,
        last_value(expenditure_usd IGNORE NULLS) OVER (
            PARTITION BY kind, code, name, from_year, to_year, basis
            ORDER BY first_at ROWS UNBOUNDED PRECEDING
        ) AS expenditure_usd,
        last_value(contributor_fund_code IGNORE NULLS) OVER so_far AS contributor_fund_code,
        last_value(fund_count IGNORE NULLS) OVER so_far AS fund_count,
        last_value(commitments_usd IGNORE NULLS) OVER so_far AS commitments_usd,
        last_value(deposits_usd IGNORE NULLS) OVER so_far AS deposits_usd,
        last_value(delivery_rate_pct IGNORE NULLS) OVER so_far AS newest_rate_pct,
        max(if(delivery_rate_pct IS NULL, NULL, first_at)) OVER so_far AS rated_at
    FROM measured
    WHERE any_measure IS NOT NULL
    WINDOW so_far AS (
        PARTITION BY kind, code, name, from_year, to_year
        ORDER BY first_at ROWS UNBOUNDED PRECEDING
    )
),
compared AS (
    SELECT *, (expenditure_usd, net_funded_usd) IS DISTINCT FROM lag((expenditure_usd, net_funded_usd))
        OVER (PARTITION BY kind, code, name, from_year, to_year ORDER BY first_at) AS rate_expires
    FROM carried
),
rated AS (
    SELECT
        * EXCLUDE (newest_rate_pct, rated_at, rate_expires),
        if(
            rated_at >= max(if(rate_expires, first_at, NULL)) OVER (
                PARTITION BY kind, code, name, from_year, to_year
                ORDER BY first_at ROWS UNBOUNDED PRECEDING
            ),
            newest_rate_pct,
            NULL
        ) AS delivery_rate_pct
    FROM compared
),
observed AS (
    SELECT *, row(basis, fund_count, *COLUMNS('_(usd|pct)$')) AS measures
    FROM rated
),
begun AS (
    SELECT
        *,
        measures IS DISTINCT FROM lag(measures) OVER (
            PARTITION BY kind, code, name, from_year, to_year ORDER BY first_at
        ) AS begins
    FROM observed
),
numbered AS (
    SELECT * EXCLUDE (begins, measures),
        count(*) FILTER (begins) OVER (
            PARTITION BY kind, code, name, from_year, to_year
            ORDER BY first_at ROWS UNBOUNDED PRECEDING
        ) AS vintage_no
    FROM begun
),
vintage AS (
    SELECT
        kind, code, name, from_year, to_year,
        min(first_at) AS known_from,
        max(last_at) AS last_seen,
        max_by(contributor_fund_code, first_at) AS contributor_fund_code,
        arg_min_null(
            COLUMNS('^(basis|.*_usd|.*_pct|fund_count|printed|organization_group|capture_id)$'),
            first_at
        )
    FROM numbered
    GROUP BY kind, code, name, from_year, to_year, vintage_no
),
-- The URLs that have shown a row, and when any of the same source, pages or the API, showed it last.
asked AS (
    SELECT DISTINCT
        r.kind, r.code, r.name, r.from_year, r.to_year, r.from_api, s.url,
        r.fund_shown <> '(page)' AS by_fund,
        max(s.last_at) OVER (
            PARTITION BY r.kind, r.code, r.name, r.from_year, r.to_year, r.from_api
        ) AS last_at
    FROM source_segment AS s
    JOIN source_row AS r USING (parse_key, of_fund)
),
-- The captures that show each kind of table in full; an answer of the API shows every kind.
full_capture AS (
    SELECT s.url, s.captured_at, t.by_year, t.by_fund
    FROM source_capture AS s
    JOIN observed.contribution_table AS t USING (parse_key)
    WHERE t.read_in_full
    UNION ALL
    SELECT s.url, s.captured_at, y.by_year, f.by_fund
    FROM source_capture AS s
    CROSS JOIN (VALUES (true), (false)) AS y (by_year)
    CROSS JOIN (VALUES (true), (false)) AS f (by_fund)
    WHERE s.is_whole
),
gone AS (
    SELECT
        a.kind, a.code, a.name, a.from_year, a.to_year, a.from_api, min(f.captured_at) AS gone_at
    FROM asked AS a
    ASOF LEFT JOIN full_capture AS f
        ON f.url = a.url
        AND f.by_year = (a.from_year > 0)
        AND f.by_fund = a.by_fund
        AND f.captured_at > a.last_at
    GROUP BY ALL
),
absence AS (
    SELECT kind, code, name, from_year, to_year, max(gone_at) AS gone_at
    FROM gone
    GROUP BY ALL
    HAVING bool_and(gone_at IS NOT NULL)
)
SELECT v.*, a.gone_at AS no_longer_shown_since
FROM vintage AS v
LEFT JOIN absence AS a USING (kind, code, name, from_year, to_year);

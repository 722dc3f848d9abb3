-- Derive the vintages of the rows of answers. The rules are those of a programme's figures: what the
-- office's own books say is carried forward across the basis, expenditure within one basis, and the
-- delivery rate until a figure that it depends on changes. Of answers of one second that contradict
-- each other, the greater key counts. Expenditure of years later than the capture is set aside, and a
-- row without any measure is no fact. A row is gone when an answer of a query that had shown it was
-- read in full later and lacks it.
-- reads: answer_row, answer_segment, answer_contradiction, raw.capture, observed.answer
-- writes: answer_shown, answer_vintage

CREATE OR REPLACE TEMP TABLE answer_shown AS
WITH counted AS (
    SELECT s.url, s.parse_key, s.first_at, s.last_at, s.capture_id, r.from_year, r.to_year
    FROM answer_segment AS s
    JOIN (SELECT DISTINCT parse_key, from_year, to_year FROM answer_row) AS r USING (parse_key)
    ANTI JOIN answer_contradiction AS c USING (url, from_year, to_year)
    UNION ALL BY NAME
    SELECT a.url, a.parse_key, a.captured_at AS first_at, a.captured_at AS last_at, a.capture_id,
        c.from_year, c.to_year
    FROM vintage.seen_answers() AS a
    JOIN answer_contradiction AS c USING (url)
),
merged AS (
    SELECT
        r.kind, r.code, r.name, r.from_year, r.to_year, s.first_at,
        max(s.last_at) AS last_at,
        max_by(COLUMNS(r.* EXCLUDE (kind, code, name, from_year, to_year, parse_key)), s.parse_key),
        max_by(s.capture_id, (s.parse_key, s.capture_id)) AS capture_id,
        r.from_year > year(s.first_at) AS is_later
    FROM counted AS s
    JOIN answer_row AS r USING (parse_key, from_year, to_year)
    GROUP BY r.kind, r.code, r.name, r.from_year, r.to_year, s.first_at
)
SELECT
    * REPLACE (
        if(is_later AND expenditure_usd <> 0, NULL, expenditure_usd) AS expenditure_usd,
        if(is_later, NULL, delivery_rate_pct) AS delivery_rate_pct
    ),
    if(kind = 'organization', core.basis_of(nullif(to_year, 0), first_at, NULL), NULL) AS basis
FROM merged;

CREATE OR REPLACE TEMP TABLE answer_vintage AS
WITH measured AS (
    SELECT *, coalesce(fund_count, *COLUMNS('_(usd|pct)$')) AS any_measure
    FROM answer_shown
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
        arg_min_null(
            COLUMNS('^(basis|.*_usd|.*_pct|fund_count|printed|organization_group|capture_id)$'),
            first_at
        )
    FROM numbered
    GROUP BY kind, code, name, from_year, to_year, vintage_no
),
-- The queries that have shown a row, and when any of them showed it last.
asked AS (
    SELECT DISTINCT r.kind, r.code, r.name, r.from_year, r.to_year, s.url,
        max(s.last_at) OVER (PARTITION BY r.kind, r.code, r.name, r.from_year, r.to_year) AS last_at
    FROM answer_segment AS s
    JOIN answer_row AS r USING (parse_key)
),
absence AS (
    SELECT a.kind, a.code, a.name, a.from_year, a.to_year, min(s.first_at) AS gone_at
    FROM asked AS a
    JOIN answer_segment AS s ON s.url = a.url AND s.first_at > a.last_at AND s.read_in_full
    GROUP BY ALL
)
SELECT v.*, a.gone_at AS no_longer_shown_since
FROM vintage AS v
LEFT JOIN absence AS a USING (kind, code, name, from_year, to_year);

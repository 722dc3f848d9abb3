-- mart.expenditure_as_of: The figures as the last visit before a moment showed them
-- The moment is the variable as_of (UTC). If it is not set, a release answers as of its newest capture,
-- the working file as of now. A day is its last second: SET VARIABLE as_of = DATE '2016-04-30'.
-- TIMESTAMP '2016-04-30' is midnight, its first. The macro mart.as_of(moment) gives the same, and where
-- the file is attached, after USE.
-- Rows that the page no longer showed by then are left out, and so is `(all)` for a year for which
-- organizations were named by then.
-- as_of [UTC]: The moment
CREATE OR REPLACE MACRO mart.as_of(moment) AS TABLE
WITH clock AS (
    SELECT core.utc(moment) AS as_of
),
told AS (
    SELECT p.*
    FROM core.programme AS p
    JOIN clock ON p.known_from <= as_of
    QUALIFY rank() OVER (PARTITION BY p.programme_id ORDER BY p.known_from DESC) = 1
),
gone AS (
    SELECT a.*
    FROM vintage.absence AS a
    JOIN clock ON vintage.is_gone(a.gone_at, a.back_at, as_of)
),
known AS (
    SELECT v.programme_id, v.organization, v.fiscal_year, max(v.known_from) AS known_from
    FROM core.expenditure_snapshot AS v
    JOIN clock ON v.known_from <= as_of
    ANTI JOIN gone AS a
        ON a.programme_id = v.programme_id
        AND a.organization = v.organization
        AND a.fiscal_year = v.fiscal_year
    GROUP BY v.programme_id, v.organization, v.fiscal_year
    QUALIFY core.is_finest(v.organization, v.programme_id, v.fiscal_year)
)
SELECT
    v.programme_id,
    t.title,
    t.fund_code,
    t.fund_name,
    t.country,
    t.country_code,
    t.status,
    v.* EXCLUDE (programme_id, last_seen, no_longer_shown_since),
    'USD' AS currency,
    c.url AS source_url,
    c.captured_at,
    clock.as_of
FROM core.expenditure_snapshot AS v
JOIN known USING (programme_id, organization, fiscal_year, known_from)
CROSS JOIN clock
LEFT JOIN told AS t ON t.programme_id = v.programme_id
JOIN raw.capture AS c ON c.capture_id = v.capture_id;

CREATE OR REPLACE VIEW mart.expenditure_as_of AS
FROM mart.as_of(core.moment());

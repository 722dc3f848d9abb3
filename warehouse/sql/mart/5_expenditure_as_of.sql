-- mart.expenditure_as_of: the figures as the last visit before a moment showed them
-- The moment is the variable as_of (UTC), or the current time if it is not set:
-- SET VARIABLE as_of = TIMESTAMP '2016-04-30 12:00:00'. The macro mart.as_of(moment) gives the same, and
-- where the file is attached, after USE.
-- Rows that the page no longer showed by then are left out, and so is `(all)` for a year for which
-- organizations were named by then.
-- as_of [UTC]: the moment
CREATE OR REPLACE MACRO mart.as_of(moment) AS TABLE
WITH told AS (
    FROM core.programme
    WHERE known_from <= core.utc(moment)
    QUALIFY rank() OVER (PARTITION BY programme_id ORDER BY known_from DESC) = 1
),
known AS (
    SELECT v.* EXCLUDE (last_seen, no_longer_shown_since)
    FROM core.expenditure_snapshot AS v
    ANTI JOIN vintage.absence AS a
        ON a.programme_id = v.programme_id
        AND a.organization = v.organization
        AND a.fiscal_year = v.fiscal_year
        AND vintage.is_gone(a.gone_at, a.back_at, core.utc(moment))
    WHERE v.known_from <= core.utc(moment)
    QUALIFY rank() OVER (
        PARTITION BY v.programme_id, v.organization, v.fiscal_year ORDER BY v.known_from DESC
    ) = 1
)
SELECT
    k.programme_id,
    t.title,
    t.fund_code,
    t.fund_name,
    t.country,
    t.status,
    k.* EXCLUDE (programme_id),
    'USD' AS currency,
    c.url AS source_url,
    c.captured_at,
    core.utc(moment) AS as_of
FROM known AS k
LEFT JOIN told AS t USING (programme_id)
JOIN raw.capture AS c ON c.capture_id = k.capture_id
QUALIFY core.is_finest(k.organization, k.programme_id, k.fiscal_year);

CREATE OR REPLACE VIEW mart.expenditure_as_of AS
FROM mart.as_of(
    core.moment()
);

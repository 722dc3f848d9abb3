-- mart.missing_year_end: Years whose 30 April has passed and for which no year-end figure was seen
-- As of the variable as_of, and of what was seen until then. If it is not set, a release answers as of
-- its newest capture, the working file as of now.
-- deadline: 30 April of the following year, when final figures were due
-- days_late [days]: Days since then
-- last_interim_usd [US$]: The interim expenditure known last
-- currency: Currency of every amount in the row
CREATE OR REPLACE VIEW mart.missing_year_end AS
WITH clock AS (
    SELECT core.moment() AS today
),
gone AS (
    SELECT a.*
    FROM vintage.absence AS a
    JOIN clock ON vintage.is_gone(a.gone_at, a.back_at, today)
),
shown AS (
    SELECT
        v.programme_id,
        v.organization,
        v.fiscal_year,
        any_value(today) AS today,
        max_by(v.basis, v.known_from) AS basis,
        max_by(v.capture_id, v.known_from) AS capture_id,
        max_by(v.expenditure_usd, v.known_from) FILTER (v.basis = 'interim') AS last_interim_usd,
        bool_or(v.basis = 'year_end' AND v.expenditure_usd IS NOT NULL) AS final
    FROM core.expenditure_snapshot AS v
    JOIN clock ON v.known_from <= today
    ANTI JOIN gone AS a
        ON a.programme_id = v.programme_id
        AND a.organization = v.organization
        AND a.fiscal_year = v.fiscal_year
    GROUP BY v.programme_id, v.organization, v.fiscal_year
    QUALIFY core.is_finest(v.organization, v.programme_id, v.fiscal_year)
)
SELECT
    s.programme_id,
    p.title,
    p.fund_code,
    p.fund_name,
    s.organization,
    s.fiscal_year,
    make_date(s.fiscal_year + 1, 4, 30) AS deadline,
    date_diff('day', make_date(s.fiscal_year + 1, 4, 30), s.today::DATE) AS days_late,
    s.basis,
    s.last_interim_usd,
    'USD' AS currency,
    s.capture_id,
    c.url AS source_url,
    c.captured_at
FROM shown AS s
LEFT JOIN mart.programme_current AS p USING (programme_id)
JOIN raw.capture AS c ON c.capture_id = s.capture_id
WHERE NOT s.final AND s.fiscal_year <= core.newest_final_year(s.today);

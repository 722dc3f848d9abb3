-- mart.missing_year_end: years whose 30 April has passed and for which no year-end figure was seen
-- Today is the variable as_of where it is set.
-- deadline: 30 April of the following year, when final figures were due
-- days_late [days]: days since then
-- last_interim_usd [US$]: the interim expenditure known last
CREATE OR REPLACE VIEW mart.missing_year_end AS
WITH clock AS (
    SELECT coalesce(
        getvariable('as_of')::TIMESTAMP, (now() AT TIME ZONE 'UTC')::TIMESTAMP
    ) AS today
),
shown AS (
    SELECT
        programme_id,
        organization,
        fiscal_year,
        max_by(expenditure_usd, known_from) FILTER (basis = 'interim') AS last_interim_usd,
        bool_or(basis = 'year_end' AND expenditure_usd IS NOT NULL) AS final
    FROM core.expenditure_snapshot
    WHERE no_longer_shown_since IS NULL
    GROUP BY programme_id, organization, fiscal_year
    QUALIFY organization <> '(all)'
        OR NOT bool_or(organization <> '(all)') OVER (PARTITION BY programme_id, fiscal_year)
)
SELECT
    s.programme_id,
    p.title,
    p.fund_code,
    p.fund_name,
    s.organization,
    s.fiscal_year,
    make_date(s.fiscal_year + 1, 4, 30) AS deadline,
    date_diff('day', make_date(s.fiscal_year + 1, 4, 30), today::DATE) AS days_late,
    s.last_interim_usd
FROM shown AS s
CROSS JOIN clock
LEFT JOIN mart.programme_current AS p USING (programme_id)
WHERE NOT s.final AND s.fiscal_year <= core.newest_final_year(today);

-- meta.coverage: How much of each fund was seen, year by year
-- fiscal_year: The year; NULL for the fund as a whole, over all years
-- expected [programmes]: Programmes of the fund that were ever listed or seen; for a year, those
-- with a figure for it
-- fetched [programmes]: Of these, those with a loaded page
-- with_figures [programmes]: Of these, those with any figure (of the year; over all years, since the
-- start too)
-- with_year_end [programmes]: Of these, those with a year-end expenditure (of the year)
CREATE OR REPLACE VIEW meta.coverage AS
WITH listed AS (
    SELECT o.programme_id, arg_max(c.fund_code, (c.captured_at, o.seq, c.url)) AS fund_code
    FROM observed.listing AS o
    JOIN raw.capture AS c USING (parse_key)
    WHERE c.state = 'loaded' AND o.programme_id IS NOT NULL
    GROUP BY o.programme_id
),
programme AS (
    SELECT
        programme_id,
        coalesce(p.fund_code, l.fund_code) AS fund_code,
        k.pages IS NOT NULL AS fetched
    FROM listed AS l
    FULL JOIN mart.programme_known AS k USING (programme_id)
    LEFT JOIN mart.programme_current AS p USING (programme_id)
),
figure AS (
    SELECT
        programme_id,
        fiscal_year,
        bool_or(basis = 'year_end' AND expenditure_usd IS NOT NULL) AS year_end
    FROM vintage.figure
    GROUP BY programme_id, fiscal_year
),
whole AS (
    SELECT programme_id, bool_or(year_end) AS year_end
    FROM figure
    GROUP BY programme_id
)
SELECT
    p.fund_code,
    NULL::BIGINT AS fiscal_year,
    count(*) AS expected,
    count(*) FILTER (p.fetched) AS fetched,
    count(w.programme_id) AS with_figures,
    count(*) FILTER (w.year_end) AS with_year_end
FROM programme AS p
LEFT JOIN whole AS w USING (programme_id)
GROUP BY p.fund_code
UNION ALL
SELECT p.fund_code, f.fiscal_year, count(*), count(*) FILTER (p.fetched), count(*),
    count(*) FILTER (f.year_end)
FROM figure AS f
JOIN programme AS p USING (programme_id)
WHERE f.fiscal_year IS NOT NULL
GROUP BY p.fund_code, f.fiscal_year;

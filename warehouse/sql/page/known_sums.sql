-- Sums by year as they were known at the end of each day on which they changed: by fund, and of all
-- programmes together, as `(all)`. A fund's programmes are those whose page names it now.
-- Where they changed too often for a page, they are those at the end of each month or year (period).
-- What happened to figures, and their restatements, is counted from the first day on.
WITH span AS (
    SELECT
        *,
        lag(until_day) OVER figure IS DISTINCT FROM from_day AS is_new,
        lead(from_day) OVER figure IS DISTINCT FROM until_day AS is_last,
        lag(basis) OVER figure AS basis_before
    FROM (
        SELECT *, shown_from::DATE AS from_day, shown_until::DATE AS until_day
        FROM mart.figure_span
        WHERE shown_until IS NULL OR shown_from::DATE < shown_until::DATE
    )
    WINDOW figure AS (PARTITION BY programme_id, organization, fiscal_year ORDER BY from_day)
),
event AS (
    SELECT
        *,
        from_day AS day,
        1 AS sign,
        is_new AS came,
        NOT is_new AND basis_before = 'interim' AND basis = 'year_end' AS became_final
    FROM span
    UNION ALL BY NAME
    SELECT *, until_day AS day, -1 AS sign, is_last AS went
    FROM span
    WHERE until_day IS NOT NULL
    UNION ALL BY NAME
    SELECT fund_code, fiscal_year, restated_at::DATE AS day, change AS restated_usd
    FROM mart.restatement
    WHERE measure = 'expenditure_usd'
),
change AS (
    SELECT
        coalesce(fund_code, 'none') AS fund_code,
        fiscal_year,
        day,
        coalesce(sum(sign) FILTER (basis = 'year_end'), 0) AS year_end_figures,
        coalesce(sum(sign) FILTER (basis = 'interim'), 0) AS interim_figures,
        coalesce(sum(sign) FILTER (net_funded_usd IS NOT NULL), 0) AS with_net_funded,
        coalesce(sum(sign * net_funded_usd), 0) AS net_funded_usd,
        coalesce(sum(sign) FILTER (transfers_usd IS NOT NULL), 0) AS with_transfers,
        coalesce(sum(sign * transfers_usd), 0) AS transfers_usd,
        coalesce(
            sum(sign) FILTER (basis = 'year_end' AND expenditure_usd IS NOT NULL), 0
        ) AS with_year_end,
        coalesce(sum(sign * expenditure_usd) FILTER (basis = 'year_end'), 0) AS year_end_usd,
        coalesce(
            sum(sign) FILTER (basis = 'interim' AND expenditure_usd IS NOT NULL), 0
        ) AS with_interim,
        coalesce(sum(sign * expenditure_usd) FILTER (basis = 'interim'), 0) AS interim_usd,
        count(*) FILTER (came) AS came,
        count(*) FILTER (went) AS went,
        count(*) FILTER (became_final) AS became_final,
        count(restated_usd) AS restated,
        coalesce(sum(restated_usd), 0) AS restated_usd
    FROM event
    GROUP BY ALL
),
keyed AS (
    FROM change
    UNION ALL BY NAME
    SELECT '(all)' AS fund_code, fiscal_year, day, sum(COLUMNS(* EXCLUDE (fund_code, fiscal_year, day)))
    FROM change
    GROUP BY fiscal_year, day
),
paced AS (
    SELECT
        fund_code,
        CASE
            WHEN count(DISTINCT (fiscal_year, day)) <= 3_000 THEN 'day'
            WHEN count(DISTINCT (fiscal_year, last_day(day))) <= 3_000 THEN 'month'
            ELSE 'year'
        END AS period
    FROM keyed
    GROUP BY fund_code
),
step AS (
    SELECT
        fund_code,
        fiscal_year,
        period,
        CASE period
            WHEN 'day' THEN day
            WHEN 'month' THEN last_day(day)
            ELSE make_date(year(day), 12, 31)
        END AS until_end_of,
        sum(COLUMNS(* EXCLUDE (fund_code, fiscal_year, period, day)))
    FROM keyed
    JOIN paced USING (fund_code)
    GROUP BY ALL
),
known AS (
    SELECT
        fund_code,
        fiscal_year,
        period,
        until_end_of,
        sum(COLUMNS(* EXCLUDE (fund_code, fiscal_year, period, until_end_of))) OVER (
            PARTITION BY fund_code, fiscal_year ORDER BY until_end_of
        )
    FROM step
)
SELECT
    fund_code,
    fiscal_year,
    period,
    until_end_of,
    year_end_figures::BIGINT AS year_end_figures,
    interim_figures::BIGINT AS interim_figures,
    if(with_net_funded > 0, net_funded_usd, NULL) AS net_funded_usd,
    if(with_transfers > 0, transfers_usd, NULL) AS transfers_usd,
    if(with_year_end > 0, year_end_usd, NULL) AS year_end_usd,
    if(with_interim > 0, interim_usd, NULL) AS interim_usd,
    came::BIGINT AS came,
    went::BIGINT AS went,
    became_final::BIGINT AS became_final,
    restated::BIGINT AS restated,
    restated_usd
FROM known
WHERE fund_code BETWEEN $first AND $last
ORDER BY fund_code, fiscal_year DESC, until_end_of;

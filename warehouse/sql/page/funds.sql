-- Each fund with the figures to quote today of its programmes, over all years.
WITH fund AS (
    SELECT f.*, c.url AS source_url, c.captured_at, c.body_sha256
    FROM core.fund AS f
    JOIN raw.capture AS c USING (capture_id)
    QUALIFY rank() OVER (PARTITION BY f.fund_code ORDER BY f.known_from DESC) = 1
),
programme AS (
    SELECT
        coalesce(p.fund_code, 'none') AS fund_code,
        max(p.fund_name) FILTER (p.fund_code IS NOT NULL) AS name_on_programmes,
        count(*) AS programmes
    FROM mart.programme_known
    LEFT JOIN mart.programme_current AS p USING (programme_id)
    GROUP BY ALL
),
figure AS (
    SELECT
        coalesce(fund_code, 'none') AS fund_code,
        sum(transfers_usd) AS transfers_usd,
        sum(net_funded_usd) AS net_funded_usd,
        sum(expenditure_usd) AS expenditure_usd,
        sum(expenditure_usd) FILTER (basis = 'interim') AS interim_usd,
        core.rate_of_sums(expenditure_usd, net_funded_usd) AS delivery_rate_pct,
        if(min(basis) <> max(basis), 'mixed', min(basis)) AS basis
    FROM mart.expenditure_current
    GROUP BY ALL
),
left_out AS (
    SELECT
        coalesce(fund_code, 'none') AS fund_code,
        core.not_covered(programme_id, reason) AS not_covered
    FROM mart.not_covered
    GROUP BY ALL
),
statement AS (
    SELECT
        fund_code,
        max(amount_usd) FILTER (
            block = 'administrative_agent' AND line = 'contributions'
        ) AS contributions_usd
    FROM mart.fund_status_current
    GROUP BY fund_code
),
-- The name under which the fund itself contributes to others.
contributor AS (
    SELECT contributor_fund_code AS fund_code, min(contributor) AS contributes_as
    FROM mart.contributor_fund
    WHERE contributor_fund_code IS NOT NULL
    GROUP BY contributor_fund_code
),
code AS (
    SELECT fund_code FROM fund
    UNION
    SELECT fund_code FROM programme
    UNION
    SELECT fund_code FROM figure
    UNION
    SELECT fund_code FROM statement
    UNION
    SELECT fund_code FROM mart.contributor_fund WHERE fund_code <> '(all)'
    UNION
    SELECT fund_code FROM contributor
)
SELECT
    fund_code,
    coalesce(fund.name, programme.name_on_programmes) AS name,
    fund.fund_type,
    fund.start_date,
    fund.start_date_precision,
    fund.end_date,
    fund.end_date_precision,
    coalesce(programme.programmes, 0) AS programmes,
    statement.contributions_usd,
    figure.transfers_usd,
    figure.net_funded_usd,
    figure.expenditure_usd,
    figure.interim_usd,
    figure.delivery_rate_pct,
    left_out.not_covered,
    contributor.contributes_as,
    figure.basis,
    fund.source_url,
    fund.captured_at,
    fund.body_sha256,
    fund.capture_id
FROM code
LEFT JOIN fund USING (fund_code)
LEFT JOIN programme USING (fund_code)
LEFT JOIN figure USING (fund_code)
LEFT JOIN contributor USING (fund_code)
LEFT JOIN left_out USING (fund_code)
LEFT JOIN statement USING (fund_code)
WHERE fund_code BETWEEN $first AND $last
ORDER BY fund_code;

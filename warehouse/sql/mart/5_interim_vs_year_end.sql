-- mart.interim_vs_year_end: The last interim expenditure beside the first year-end one
-- interim_usd [US$]: Last interim expenditure seen before the figure was final
-- interim_known_from [UTC]: Capture time from which the interim figure was shown
-- interim_source_url: URL of the page that showed the interim figure
-- year_end_usd [US$]: First year-end expenditure seen
-- year_end_known_from [UTC]: Capture time from which the year-end figure was shown
-- year_end_source_url: URL of the page that showed the year-end figure
-- difference_usd [US$]: Year-end less interim
-- difference_pct [percent]: The difference over the interim figure; NULL if interim is 0 or almost 0
-- currency: Currency of every amount in the row
CREATE OR REPLACE VIEW mart.interim_vs_year_end AS
WITH final AS (
    SELECT programme_id, organization, fiscal_year, min(known_from) AS final_from
    FROM core.expenditure_snapshot
    WHERE basis = 'year_end' AND expenditure_usd IS NOT NULL
    GROUP BY programme_id, organization, fiscal_year
),
paired AS (
    SELECT f.*, max(i.known_from) AS interim_from
    FROM final AS f
    JOIN core.expenditure_snapshot AS i
        ON i.programme_id = f.programme_id
        AND i.organization = f.organization
        AND i.fiscal_year = f.fiscal_year
        AND i.basis = 'interim'
        AND i.expenditure_usd IS NOT NULL
        AND i.known_from < f.final_from
    GROUP BY f.programme_id, f.organization, f.fiscal_year, f.final_from
    QUALIFY core.is_finest(f.organization, f.programme_id, f.fiscal_year)
)
SELECT
    f.programme_id,
    f.title,
    f.fund_code,
    f.fund_name,
    f.country,
    f.organization,
    f.fiscal_year,
    i.expenditure_usd AS interim_usd,
    f.expenditure_usd AS year_end_usd,
    f.expenditure_usd - i.expenditure_usd AS difference_usd,
    try_cast(
        100 * (f.expenditure_usd - i.expenditure_usd)::DOUBLE / nullif(abs(i.expenditure_usd), 0)
        AS DECIMAL(18, 2)
    ) AS difference_pct,
    f.currency,
    i.known_from AS interim_known_from,
    i.source_url AS interim_source_url,
    f.known_from AS year_end_known_from,
    f.source_url AS year_end_source_url
FROM paired AS p
JOIN mart.expenditure_vintage AS f
    ON f.programme_id = p.programme_id
    AND f.organization = p.organization
    AND f.fiscal_year = p.fiscal_year
    AND f.known_from = p.final_from
    AND f.basis = 'year_end'
JOIN mart.expenditure_vintage AS i
    ON i.programme_id = p.programme_id
    AND i.organization = p.organization
    AND i.fiscal_year = p.fiscal_year
    AND i.known_from = p.interim_from
    AND i.basis = 'interim';

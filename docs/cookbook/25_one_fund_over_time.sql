-- What did one fund spend by year, and how was it restated?
-- `restatements` counts changes of a programme's final expenditure, and `restated_by_usd` is their sum, already in
-- `expenditure_usd` where the figure is still shown. Each of them, with its source: `FROM mart.restatement WHERE fund_code = 'CUL77'`.
SELECT y.fiscal_year, y.expenditure_usd, y.interim_share_pct, count(r.change) AS restatements,
    sum(r.change)::DECIMAL(18, 2) AS restated_by_usd, y.not_covered
FROM mart.fund_year AS y
LEFT JOIN mart.restatement AS r
    ON r.fund_code = y.fund_code
    AND r.fiscal_year = y.fiscal_year
    AND r.measure = 'expenditure_usd'
WHERE y.fund_code = 'CUL77'
GROUP BY ALL
ORDER BY y.fiscal_year;

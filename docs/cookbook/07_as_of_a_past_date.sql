-- What was known on 2 May 2016, and what is known now?
-- By the calendar 2015 was final on that day, but the last visit had been in April and had seen interim
-- figures. Figures that are the same now are left out.
SELECT n.programme_id, n.organization, t.basis AS basis_then, t.expenditure_usd AS then_usd,
    n.basis AS basis_now, n.expenditure_usd AS now_usd
FROM mart.expenditure_current AS n
LEFT JOIN mart.as_of(DATE '2016-05-02') AS t USING (programme_id, organization, fiscal_year)
WHERE n.fiscal_year = 2015 AND n.expenditure_usd IS DISTINCT FROM t.expenditure_usd
ORDER BY n.programme_id, n.organization;

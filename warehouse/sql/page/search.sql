-- What is searched: programmes with their titles, funds, countries and organizations.
WITH organization AS (
    SELECT programme_id, list_sort(list(DISTINCT organization)) AS organizations
    FROM (
        SELECT programme_id, organization FROM vintage.figure
        UNION
        SELECT programme_id, organization FROM vintage.voucher
    )
    WHERE organization <> '(all)'
    GROUP BY programme_id
)
SELECT
    k.programme_id,
    p.title,
    coalesce(p.fund_code, 'none') AS fund_code,
    p.country,
    p.participating_organization,
    o.organizations
FROM mart.programme_known AS k
LEFT JOIN mart.programme_current AS p USING (programme_id)
LEFT JOIN organization AS o USING (programme_id)
ORDER BY k.programme_id;

-- Whether a row of figures counts where organizations are shown: `(all)` stands for a programme and
-- year only where no organization is named.
CREATE OR REPLACE MACRO core.is_finest(organization, programme_id, fiscal_year) AS
    organization <> '(all)'
    OR NOT bool_or(organization <> '(all)') OVER (PARTITION BY programme_id, fiscal_year);

-- Return the `(all)` figures of years for which organizations were ever named, which stand for nothing
-- in a history. Leave them out by a LEFT JOIN: through an ANTI JOIN no filter on a programme gets here.
CREATE OR REPLACE MACRO vintage.replaced_totals() AS TABLE
SELECT programme_id, '(all)' AS organization, fiscal_year
FROM vintage.figure
GROUP BY programme_id, fiscal_year
HAVING bool_or(organization = '(all)') AND bool_or(organization <> '(all)');

-- Return the years of programmes in which a figure was gone, or `(all)` stands beside organizations.
CREATE OR REPLACE MACRO vintage.broken_years() AS TABLE
SELECT programme_id, fiscal_year FROM vintage.absence WHERE fiscal_year IS NOT NULL
UNION
SELECT programme_id, fiscal_year FROM vintage.replaced_totals();

-- Whether a row of figures counts where organizations are shown: `(all)` stands for a programme and
-- year only where no organization is named.
CREATE OR REPLACE MACRO core.is_finest(organization, programme_id, fiscal_year) AS
    organization <> '(all)'
    OR NOT bool_or(organization <> '(all)') OVER (PARTITION BY programme_id, fiscal_year);

-- The vintages of figures, as they were derived from what was shown.

DELETE FROM vintage.figure WHERE programme_id IN (FROM touched);

INSERT INTO vintage.figure BY NAME
SELECT * EXCLUDE (newest, to_quote, spent_before_usd) FROM derived_figure;

DELETE FROM vintage.absence WHERE programme_id IN (FROM touched);

INSERT INTO vintage.absence BY NAME FROM derived_absence;

DELETE FROM vintage.restatement WHERE programme_id IN (FROM touched);

INSERT INTO vintage.restatement BY NAME FROM derived_restatement;

-- The newest vintage of each annual figure, which checks are about.
CREATE OR REPLACE TEMP TABLE newest_figure AS
FROM derived_figure
WHERE newest AND fiscal_year IS NOT NULL;

-- The figures to quote today; `(all)` only where no organization is named.
CREATE OR REPLACE TEMP TABLE current_figure AS
FROM derived_figure
WHERE to_quote
QUALIFY organization <> '(all)'
    OR NOT bool_or(organization <> '(all)') OVER (PARTITION BY programme_id, fiscal_year);

-- Choose the vintages that checks and the reconciliation are about: the newest of each annual figure,
-- with the expenditure of the vintage before, and the one to quote today, which is year-end before
-- interim, and `(all)` only where no organization is named.
-- reads: changed_subject, vintage.figure
-- writes: changed_figure, newest_figure, current_figure, expenditure_step

CREATE OR REPLACE TEMP TABLE changed_figure AS
FROM vintage.figure
WHERE programme_id IN (FROM changed_subject);

CREATE OR REPLACE TEMP TABLE newest_figure AS
FROM changed_figure
WHERE fiscal_year IS NOT NULL
QUALIFY rank() OVER (
    PARTITION BY programme_id, organization, fiscal_year ORDER BY known_from DESC
) = 1;

CREATE OR REPLACE TEMP TABLE current_figure AS
WITH newest AS (
    FROM changed_figure
    QUALIFY rank() OVER (
        PARTITION BY programme_id, organization, fiscal_year
        ORDER BY basis = 'year_end' DESC, known_from DESC
    ) = 1
)
FROM newest
WHERE no_longer_shown_since IS NULL
QUALIFY organization <> '(all)'
    OR NOT bool_or(organization <> '(all)') OVER (PARTITION BY programme_id, fiscal_year);

-- The newest expenditure of each annual figure beside the one of the vintage before.
CREATE OR REPLACE TEMP TABLE expenditure_step AS
SELECT
    programme_id, organization, fiscal_year, capture_id, expenditure_usd,
    lag(expenditure_usd) OVER earlier AS expenditure_before_usd
FROM changed_figure
WHERE fiscal_year IS NOT NULL AND expenditure_usd IS NOT NULL
WINDOW earlier AS (PARTITION BY programme_id, organization, fiscal_year ORDER BY known_from)
QUALIFY lead(known_from) OVER earlier IS NULL;

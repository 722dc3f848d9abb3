-- Choose the figures to quote today, of those that are still shown: `(all)` only where no organization
-- is named.
-- reads: changed_figure
-- writes: current_figure

CREATE OR REPLACE TEMP TABLE current_figure AS
FROM changed_figure
WHERE is_quoted AND no_longer_shown_since IS NULL
QUALIFY core.is_finest(organization, programme_id, fiscal_year);

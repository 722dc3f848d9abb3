-- mart.not_covered_year: Mart.not_covered year by year, to set beside sums
-- It has no amounts: they are those of all years together.
-- fiscal_year: Calendar year whose sums leave it out
CREATE OR REPLACE VIEW mart.not_covered_year AS
SELECT
    programme_id,
    title,
    fund_code,
    fund_name,
    country,
    country_code,
    country_name,
    organization,
    unnest(string_split(years, ', '))::INTEGER AS fiscal_year,
    reason,
    known_from,
    source_url,
    captured_at
FROM mart.not_covered;

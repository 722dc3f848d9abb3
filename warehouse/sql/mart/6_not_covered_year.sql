-- mart.not_covered_year: What sums by year leave out, a row for each year, to set beside them
-- The rows of mart.not_covered, year by year. It has no amounts: they are those of all years together.
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

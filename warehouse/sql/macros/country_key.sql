-- The key of a country among countries and what is none: its code, or a colon and the name as it is printed.
CREATE OR REPLACE MACRO core.country_key(country_code, country_name) AS
    coalesce(country_code, ':' || coalesce(country_name, ''));

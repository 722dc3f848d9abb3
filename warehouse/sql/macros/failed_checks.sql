-- Whether a check of an organization and a year concerns a figure. A check of one organization's total
-- concerns all its years, one of a year's total all that year's organizations.
CREATE OR REPLACE MACRO meta.concerns(of_organization, of_year, organization, fiscal_year) AS
    coalesce(of_organization = organization, true) AND coalesce(of_year = fiscal_year, true);

-- Return the failed checks of each programme that concern annual figures.
CREATE OR REPLACE MACRO meta.failed_checks() AS TABLE
SELECT
    programme_id,
    list(
        struct_pack(
            organization := organization, fiscal_year := fiscal_year, check_name := check_name
        )
    ) AS failed
FROM meta.check_result
WHERE coalesce(by_year, true)
GROUP BY programme_id;

-- Name those of a programme's failed checks that concern a figure; NULL if none does.
CREATE OR REPLACE MACRO meta.names_of_failed(failed, about_organization, about_year) AS
    nullif(
        array_to_string(
            list_sort(
                list_distinct(
                    [
                        f.check_name for f in failed
                        if meta.concerns(
                            f.organization, f.fiscal_year, about_organization, about_year
                        )
                    ]
                )
            ),
            ', '
        ),
        ''
    );

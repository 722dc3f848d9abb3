-- Name what a sum leaves out, ten at most: `2 programmes with cumulative figures only: 00067193,
-- 00067194`. NULL if there is nothing.
CREATE OR REPLACE MACRO core.named(names, thing, about) AS
    CASE
        WHEN len(names) > 0
            THEN format(
                '{} {}{} with {}: {}',
                len(names), thing, CASE WHEN len(names) = 1 THEN '' ELSE 's' END, about,
                array_to_string(list_slice(list_sort(names), 1, 10), ', ')
            ) || CASE WHEN len(names) > 10 THEN format(' and {} more', len(names) - 10) ELSE '' END
    END;

CREATE OR REPLACE MACRO core.left_out(thing, name, about, reason) AS
    core.named(list(DISTINCT name) FILTER (reason = about), thing, about);

-- Name the programmes that a sum leaves out, by reason, in an aggregate. The reasons are those of
-- mart.not_covered_year and mart.organization_year.
CREATE OR REPLACE MACRO core.not_covered(programme_id, reason) AS
    nullif(
        concat_ws(
            '; ',
            core.left_out('programme', programme_id, 'cumulative figures only', reason),
            core.left_out(
                'programme', programme_id, 'larger figures since the start than by year', reason
            ),
            core.left_out(
                'programme', programme_id, '(all) rows that organizations do not add up to', reason
            ),
            core.left_out('programme', programme_id, 'figures that are no longer shown', reason),
            core.left_out('programme', programme_id, 'figures that name no organization', reason)
        ),
        ''
    );

-- The same of contributors or funds, with the reasons of mart.contribution_not_covered.
CREATE OR REPLACE MACRO core.contributions_not_covered(thing, name, reason) AS
    nullif(
        concat_ws(
            '; ',
            core.left_out(thing, name, 'cumulative contributions only', reason),
            core.left_out(thing, name, 'larger contributions since the start than by year', reason),
            core.left_out(thing, name, 'contributions of several years together', reason)
        ),
        ''
    );

-- What a whole holds more than its parts, in an aggregate over both.
CREATE OR REPLACE MACRO core.excess(measure, is_whole) AS
    sum(measure) FILTER (is_whole) - coalesce(sum(measure) FILTER (NOT is_whole), 0);

-- Whether that is more than rounding, and unless the whole is newer, not less than nothing: parts that
-- are newer may be ahead of it.
CREATE OR REPLACE MACRO core.holds_more(measure, is_whole, known_from) AS
    abs(core.excess(measure, is_whole)) > count(*) / 2
    AND (
        max(known_from) FILTER (is_whole) > max(known_from) FILTER (NOT is_whole)
        OR core.excess(measure, is_whole) > 0
    );

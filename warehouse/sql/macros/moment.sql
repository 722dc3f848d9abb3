-- Return the moment that a text says, in UTC without a zone: of a day (2016-06-15, 20160615) its last
-- second, of a time that time. NULL if it says neither, as 2016 and 2016-06.
CREATE OR REPLACE MACRO core.moment_of(written) AS
    CASE
        WHEN regexp_full_match(written, '[1-9]\d{3}-\d{2}-\d{2}|[1-9]\d{7}')
            THEN try_strptime(replace(written, '-', ''), '%Y%m%d') + INTERVAL 86_399 SECOND
        WHEN regexp_full_match(
            written, '[1-9]\d{3}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d+)?)?'
        )
            THEN try_cast(written AS TIMESTAMP)
        WHEN regexp_full_match(
            written,
            '[1-9]\d{3}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d+)?)?(Z| UTC|[+-]\d{2}(:?\d{2})?)'
        )
            -- A zone behind minutes is no time to DuckDB: 13:05+02 becomes 13:05:00+02.
            THEN try_cast(
                regexp_replace(written, '^(.{16})([Z +-])', '\1:00\2') AS TIMESTAMP WITH TIME ZONE
            ) AT TIME ZONE 'UTC'
    END;

-- Convert a moment of any type to UTC without a zone, by its text: a day (a DATE too) is its last
-- second. Anything else than a day or a time is an error.
CREATE OR REPLACE MACRO core.utc(moment) AS
    CASE
        WHEN moment IS NULL THEN NULL
        ELSE coalesce(
            core.moment_of(trim(moment::VARCHAR)),
            error(
                moment::VARCHAR
                || ' is no moment: give a day (2016-06-15) or a time (2016-06-15 13:05:00)'
            )
        )
    END;

-- Return whether a row was absent at a moment.
CREATE OR REPLACE MACRO vintage.is_gone(gone_at, back_at, moment) AS
    gone_at <= moment AND coalesce(back_at, TIMESTAMP 'infinity') > moment;

-- Return the moment of a query: the variable as_of; if it is not set, in a release that of the release,
-- in the working file the current time.
CREATE OR REPLACE MACRO core.moment() AS
    coalesce(
        core.utc(getvariable('as_of')),
        (SELECT as_of FROM meta.warehouse),
        now() AT TIME ZONE 'UTC'
    );

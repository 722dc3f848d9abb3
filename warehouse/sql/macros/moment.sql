-- Convert a moment to UTC without a zone.
CREATE OR REPLACE MACRO core.utc(moment) AS
    CASE
        WHEN typeof(moment) = 'TIMESTAMP WITH TIME ZONE'
            THEN moment::TIMESTAMP WITH TIME ZONE AT TIME ZONE 'UTC'
        ELSE moment::TIMESTAMP
    END;

-- Return whether a row was absent at a moment.
CREATE OR REPLACE MACRO vintage.is_gone(gone_at, back_at, moment) AS
    gone_at <= moment AND coalesce(back_at > moment, true);

-- Return the moment of a query: the variable as_of, or the current time if it is not set.
CREATE OR REPLACE MACRO core.moment() AS
    coalesce(core.utc(getvariable('as_of')), core.utc(now()));

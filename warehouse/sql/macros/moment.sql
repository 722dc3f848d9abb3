-- A moment as every time here is: in UTC, without a zone. One with a zone is brought there.
CREATE OR REPLACE MACRO core.utc(moment) AS
    CASE
        WHEN typeof(moment) = 'TIMESTAMP WITH TIME ZONE'
            THEN moment::TIMESTAMP WITH TIME ZONE AT TIME ZONE 'UTC'
        ELSE moment::TIMESTAMP
    END;

-- Whether a row was not shown at a moment, by one of its absences.
CREATE OR REPLACE MACRO vintage.is_gone(gone_at, back_at, moment) AS
    gone_at <= moment AND coalesce(back_at > moment, true);

-- The moment that is asked about: the variable as_of, or now where it is not set.
CREATE OR REPLACE MACRO core.moment() AS
    coalesce(core.utc(getvariable('as_of')), core.utc(now()));

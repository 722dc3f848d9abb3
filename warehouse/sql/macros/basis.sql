-- The rule that the whole warehouse turns on. Final year-end expenditure for a year is due by
-- 30 April of the following year (UTC date), so from 1 May 00:00:00 on the year before is final.

CREATE OR REPLACE MACRO core.newest_final_year(seen_at) AS
    year(seen_at) - CASE WHEN month(seen_at) >= 5 THEN 1 ELSE 2 END;

-- The period of a time: within one, no year begins and none becomes final.
CREATE OR REPLACE MACRO core.period_of(seen_at) AS
    year(seen_at) + core.newest_final_year(seen_at);

-- The year in which a programme ends. An end before the start decides nothing: one of them is wrong.
CREATE OR REPLACE MACRO core.last_year(start_date, end_date) AS
    CASE WHEN end_date < start_date THEN NULL ELSE year(end_date) END;

-- last_year is the figure's year; for a total since the start, the year of the programme's end.
-- Unknown (NULL) years and statuses leave a figure interim.
CREATE OR REPLACE MACRO core.basis_of(last_year, seen_at, status) AS
    CASE
        WHEN status = 'Financially Closed' OR last_year <= core.newest_final_year(seen_at)
            THEN 'year_end'
        ELSE 'interim'
    END;

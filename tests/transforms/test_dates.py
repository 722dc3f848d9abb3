"""Dates and years as printed."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.dates import parse_date, parse_fiscal_year
from transforms.rejection import RejectedError


@pytest.mark.parametrize(
    "printed",
    [
        "2 Nov 2007", "02 Nov 2007", "2 November 2007", "2 NOV 2007", "02-Nov-2007", "2 Nov. 2007",
        "2007-11-02", " 2 Nov 2007 ", "2\u00a0Nov\u00a02007", "2  Nov\n2007",
    ],
)  # fmt: skip
def test_a_date_is_read_in_every_form_that_pages_print(printed: str) -> None:
    assert parse_date(printed) == date(2007, 11, 2)


@pytest.mark.parametrize("printed", [None, "", " ", "\u00a0", "-", "–", "—", "N/A"])
def test_no_date_is_none(printed: str | None) -> None:
    assert parse_date(printed) is None


@pytest.mark.parametrize(
    ("printed", "rule"),
    [
        ("31 Feb 2010", "date"),
        ("29 Feb 2011", "date"),
        ("0 Jan 2010", "date"),
        ("32 Jan 2010", "date"),
        ("2 Mai 2010", "date"),
        ("2010-13-01", "date"),
        ("2010-2-1", "date"),
        ("01/02/2010", "date"),
        ("1.2.2010", "date"),
        ("Nov 2007", "date"),
        ("2007", "date"),
        ("2 Nov 07", "date"),
        ("Nov 2, 2007", "date"),
        ("2 Nov 2007 9:58 AM", "date"),
        ("0000-01-01", "date"),
        ("1 Jan 1944", "date_range"),
        ("1 Jan 2101", "date_range"),
        ("9999-12-31", "date_range"),
    ],
)
def test_what_is_no_date_is_rejected(printed: str, rule: str) -> None:
    with pytest.raises(RejectedError) as rejected:
        parse_date(printed)
    assert rejected.value.rule == rule
    assert repr(printed) in str(rejected.value)


@settings(deadline=None)
@given(
    day=st.dates(date(1945, 1, 1), date(2100, 12, 31)),
    form=st.sampled_from(["{d} {m} {y}", "{d:02} {m} {y}", "{d:02}-{m}-{y}", "{d} {m}. {y}"]),
    month=st.sampled_from(["%b", "%B"]),
    case=st.sampled_from([str.upper, str.lower, str.title]),
)
def test_any_day_in_any_allowed_form_reads_back(
    day: date, form: str, month: str, case: Callable[[str], str]
) -> None:
    names = {
        "%b": ("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
        "%B": "January February March April May June July August September October November "
        "December",
    }[month].split()
    printed = form.format(d=day.day, m=case(names[day.month - 1]), y=day.year)
    assert parse_date(printed) == day
    assert parse_date(day.isoformat()) == day


@pytest.mark.parametrize(
    ("printed", "year"),
    [("2015", 2015), (" 2015 ", 2015), ("FY 2015", 2015), ("FY2015", 2015), ("fy 2015", 2015),
     ("2015*", 2015), ("2015 **", 2015), ("1999", 1999)],
)  # fmt: skip
def test_a_year_is_read_in_every_form_that_pages_print(printed: str, year: int) -> None:
    assert parse_fiscal_year(printed) == year


@pytest.mark.parametrize(
    "printed", ["", "15", "20155", "2004-2008", "2004/05", "2115", "1815", "Total", "2015 2016"]
)
def test_what_is_not_one_year_is_rejected(printed: str) -> None:
    with pytest.raises(RejectedError) as rejected:
        parse_fiscal_year(printed)
    assert rejected.value.rule == "fiscal_year"

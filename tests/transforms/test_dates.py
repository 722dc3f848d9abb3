"""Dates and years as printed."""

import unicodedata
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.dates import TermDate, parse_date, parse_fiscal_year, parse_term_date
from transforms.quarantine import RejectedError


@pytest.mark.parametrize(
    "printed",
    [
        "2 Nov 2007", "02 Nov 2007", "2 November 2007", "2 NOV 2007", "02-Nov-2007", "2 Nov. 2007",
        "2 novembre 2007", "2 noviembre 2007", "2 de noviembre de 2007", "2 de novembro de 2007",
        "2 de Noviembre del 2007", "2nd November 2007", "2º de novembro de 2007", "Nov 2, 2007",
        "November 2nd, 2007", "2 Nov, 2007", "2007-11-02T09:58:00Z", "2007-11-02 09:58",
        "2007-11-02T09:58:00.5+02:00",
        "2007-11-02", " 2 Nov 2007 ", "2\u00a0Nov\u00a02007", "2  Nov\n2007",
    ],
)  # fmt: skip
def test_a_date_is_read_in_every_form_that_pages_print(printed: str) -> None:
    assert parse_date(printed) == date(2007, 11, 2)


@pytest.mark.parametrize("printed", [None, "", " ", "\u00a0", "-", "–", "—", "N/A", "n/d", "S/O"])
def test_no_date_is_none(printed: str | None) -> None:
    assert parse_date(printed) is None


@pytest.mark.parametrize(
    ("printed", "rule"),
    [
        ("31 Feb 2010", "date"),
        ("29 Feb 2011", "date"),
        ("0 Jan 2010", "date"),
        ("32 Jan 2010", "date"),
        ("2 Mei 2010", "date"),
        ("02/nov/2007", "date"),
        ("2007-11-02 and more", "date"),
        ("2007-11-02T9:58", "date"),
        ("2010-13-01", "date"),
        ("2010-2-1", "date"),
        ("01/02/2010", "date"),
        ("1.2.2010", "date"),
        ("Nov 2007", "date"),
        ("2007", "date"),
        ("2 Nov 07", "date"),
        ("Nov 2 2007", "date"),
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


_IN_OTHER_LANGUAGES = {
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene feb mar abr may jun jul ago sep oct nov dic",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "jan fev mar abr mai jun jul ago set out nov dez",
}


@pytest.mark.parametrize("names", sorted(_IN_OTHER_LANGUAGES))
@pytest.mark.parametrize("form", ["{} {} 2010", "{} de {} de 2010", "{}-{}-2010", "{}er {} 2010"])
def test_months_are_known_in_the_languages_of_the_pages(names: str, form: str) -> None:
    for number, name in enumerate(names.split(), start=1):
        for printed in (form.format(1, name), form.format(1, name.upper())):
            assert parse_date(printed) == date(2010, number, 1)
            decomposed = unicodedata.normalize("NFD", printed)
            assert parse_date(decomposed) == date(2010, number, 1)


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


@pytest.mark.parametrize(
    "printed",
    [
        "February 2021", "Feb 2021", "FEB. 2021", "Feb-2021", "February, 2021", "février 2021",
        "febrero de 2021", "fevereiro de 2021", "2021-02", " February\u00a02021 ",
    ],
)  # fmt: skip
def test_a_month_starts_on_its_first_day_and_ends_on_its_last(printed: str) -> None:
    assert parse_term_date(printed, ends=False) == TermDate(date(2021, 2, 1), "month")
    assert parse_term_date(printed, ends=True) == TermDate(date(2021, 2, 28), "month")


def test_a_term_without_a_date_has_no_precision() -> None:
    assert parse_term_date("-", ends=True) == TermDate(None, None)
    assert parse_term_date("28 Feb 2021", ends=True) == TermDate(date(2021, 2, 28), "day")


@pytest.mark.parametrize(
    ("printed", "rule"),
    [
        ("TBD", "date"), ("to be determined", "date"), ("2016", "date"), ("Q3 2015", "date"),
        ("00/00/0000", "date"), ("0000-00-00", "date"), ("03/04/2015", "date"), ("01/2021", "date"),
        ("2021-13", "date"), ("Foo 2021", "date"), ("January 21", "date"), ("2021 January", "date"),
        ("January - March 2021", "date"), ("ongoing", "date"), ("31 Feb 2014", "date"),
        ("1 Jan 0001", "date_range"), ("January 0001", "date_range"), ("Dec 9999", "date_range"),
    ],
)  # fmt: skip
def test_a_term_s_date_that_is_none_or_could_be_two_is_rejected(printed: str, rule: str) -> None:
    with pytest.raises(RejectedError) as error:
        parse_term_date(printed, ends=True)
    assert error.value.rule == rule
    assert repr(printed) in str(error.value)

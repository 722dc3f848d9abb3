"""Dates and years as printed. What is ambiguous (`01/02/2010`) is rejected, never guessed."""

import re
import unicodedata
from calendar import monthrange
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

from transforms.quarantine import RejectedError

# English, French, Spanish and Portuguese, in full and cut, without accents. No name means one month
# in one of them and another in another.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier ene enero janeiro",
            "feb february fev fevr fevrier febrero fevereiro",
            "mar march mars marzo marco",
            "apr april avr avril abr abril",
            "may mai mayo maio",
            "jun june juin junio junho",
            "jul july juil juillet julio julho",
            "aug august aout ago agosto",
            "sep sept september septembre septiembre setiembre set setembro",
            "oct october octobre octubre out outubro",
            "nov november novembre noviembre novembro",
            "dec december decembre dic diciembre dez dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
# `2 Nov 2007`, `1er mars 2010`, `2 de noviembre de 2007`, `02-Nov-2007`
_DAY_MONTH_YEAR = re.compile(
    r"([0-9]{1,2})(?:st|nd|rd|th|er|º|°)?(?:[ -]| de )"
    r"([^\W\d_]{3,12})\.?(?:,? |-| de | del )([0-9]{4})"
)
_MONTH_DAY_YEAR = re.compile(r"([^\W\d_]{3,12})\.? ([0-9]{1,2})(?:st|nd|rd|th)?, ([0-9]{4})")
# `January 2021`, `Jan-2021`, `enero de 2021`: without a day, as funds print their dates.
_MONTH_YEAR = re.compile(r"([^\W\d_]{3,12})\.?(?:,? |-| de | del )([0-9]{4})")
_ISO_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[t ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_YEAR = re.compile(r"(?:FY\s*)?((?:19|20)[0-9]{2})\s*\**", re.IGNORECASE)
_NO_VALUE = frozenset({"", "-", "–", "—", "n/a", "n/d", "s/o", "not available"})
_FIRST_YEAR, _LAST_YEAR = 1945, 2100

Precision = Literal["day", "month"]


class TermDate(NamedTuple):
    """The start or end of a term, and how exactly it is printed; both None if none is."""

    day: date | None = None
    precision: Precision | None = None


@lru_cache(maxsize=4096)  # many pages print the same dates
def parse_date(printed: str | None) -> date | None:
    """Return the date in `2 Nov 2007`, `1er mars 2010` or `2007-11-02`; None if none is printed.

    Of a date with a time it is the day as printed.

    Raises:
        RejectedError: anything else, for example `31 Feb 2010`.
    """
    text = _folded(printed or "")
    if text in _NO_VALUE:
        return None
    if found := _DAY_MONTH_YEAR.fullmatch(text):
        day, month, year = found.groups()
    elif found := _MONTH_DAY_YEAR.fullmatch(text):
        month, day, year = found.groups()
    elif found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    else:
        raise RejectedError("date", f"{printed!r} is not a date that is printed in one way")
    return _day(printed, year, month, int(day))


def parse_term_date(printed: str | None, *, ends: bool) -> TermDate:
    """Return the date of a start or an end; of one printed to the month, its first or last day.

    Raises:
        RejectedError: anything else, for example `TBD` or `2016`.
    """
    text = _folded(printed or "")
    if found := _MONTH_YEAR.fullmatch(text):
        month, year = found.groups()
    elif found := _ISO_MONTH.fullmatch(text):
        year, month = found.groups()
    else:
        day = parse_date(printed)
        return TermDate(day, None if day is None else "day")
    first = _day(printed, year, month, 1)
    days = monthrange(first.year, first.month)[1]
    return TermDate(first.replace(day=days) if ends else first, "month")


def _day(printed: str | None, year: str, month: str, day: int) -> date:
    try:
        number = int(month) if month.isdecimal() else _MONTHS[month]
        result = date(int(year), number, day)
    except (KeyError, ValueError) as error:
        raise RejectedError("date", f"{printed!r} is no day of the calendar") from error
    if not _FIRST_YEAR <= result.year <= _LAST_YEAR:
        raise RejectedError("date_range", f"{printed!r} is not within {_FIRST_YEAR}-{_LAST_YEAR}")
    return result


def _folded(text: str) -> str:
    """Return the text in lower case, without accents, and with single spaces."""
    plain = " ".join(text.split()).lower()
    if plain.isascii():
        return plain
    return "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))


def parse_fiscal_year(printed: str) -> int:
    """Return the year in `2015`, `FY 2015` or `2015*`.

    Raises:
        RejectedError: anything else, for example `2004-2008`.
    """
    found = _YEAR.fullmatch(printed.strip())
    if found is None:
        raise RejectedError("fiscal_year", f"{printed!r} is not one year")
    return int(found[1])

"""Dates and years as printed. What is ambiguous (`01/02/2010`) is rejected, never guessed."""

import re
from datetime import date

from transforms.rejection import RejectedError

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_DAY_MONTH_YEAR = re.compile(r"([0-9]{1,2})[\s-]([A-Za-z]+)\.?[\s-]([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_YEAR = re.compile(r"(?:FY\s*)?((?:19|20)[0-9]{2})\s*\**", re.IGNORECASE)
_NO_VALUE = frozenset({"", "-", "–", "—", "n/a"})
_FIRST_YEAR, _LAST_YEAR = 1945, 2100


def parse_date(printed: str | None) -> date | None:
    """The date in `2 Nov 2007`, `02-Nov-2007` or `2007-11-02`; None where none is printed.

    Raises:
        RejectedError: anything else, for example `31 Feb 2010`.
    """
    text = " ".join((printed or "").split())
    if text.lower() in _NO_VALUE:
        return None
    try:
        if found := _DAY_MONTH_YEAR.fullmatch(text):
            day, month, year = int(found[1]), _MONTHS[found[2].lower()], int(found[3])
        elif found := _ISO.fullmatch(text):
            year, month, day = (int(part) for part in found.groups())
        else:
            raise RejectedError("date", f"{printed!r} is not a date that is printed in one way")
        result = date(year, month, day)
    except (KeyError, ValueError) as error:
        if isinstance(error, RejectedError):
            raise
        raise RejectedError("date", f"{printed!r} is no day of the calendar") from error
    if not _FIRST_YEAR <= result.year <= _LAST_YEAR:
        raise RejectedError("date_range", f"{printed!r} is not within {_FIRST_YEAR}-{_LAST_YEAR}")
    return result


def parse_fiscal_year(printed: str) -> int:
    """The year in `2015`, `FY 2015` or `2015*`.

    Raises:
        RejectedError: anything else, for example `2004-2008`.
    """
    found = _YEAR.fullmatch(printed.strip())
    if found is None:
        raise RejectedError("fiscal_year", f"{printed!r} is not one year")
    return int(found[1])

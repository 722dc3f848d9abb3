"""Time on the stand-in, as whole seconds since 1970 in UTC; and values through time."""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from typing import Generic, TypeVar

DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_DAY_BEGINS, _DAY_LASTS = 8 * 3600, 12 * 3600
# The day number of each year's first of January: days are counted from 1970.
NEW_YEAR = {year: date(year, 1, 1).toordinal() - _EPOCH for year in range(1990, 2100)}


def moment(time: datetime) -> int:
    """Return the seconds since 1970 of a naive UTC time."""
    return int(time.replace(tzinfo=UTC).timestamp())


def time_of(seconds: int) -> datetime:
    """Return the naive UTC time of a moment."""
    return datetime(1970, 1, 1) + timedelta(seconds=seconds)  # noqa: DTZ001 because it is naive UTC


def midnight(day: date) -> int:
    """Return the moment at which a day begins."""
    return day_number(day) * DAY


def day_of(seconds: int) -> date:
    """Return the day that contains a moment."""
    return date_of(seconds // DAY)


def day_number(day: date) -> int:
    """Return the days since 1970."""
    return day.toordinal() - _EPOCH


def date_of(number: int) -> date:
    """Return the date of a day's number."""
    return date.fromordinal(number + _EPOCH)


def in_working_hours(number: int, salt: int) -> int:
    """Return a moment between 8:00 and 20:00 of a day, which depends on the salt."""
    return number * DAY + _DAY_BEGINS + (salt * 40_503 + number) % _DAY_LASTS


V = TypeVar("V")


class History(Generic[V]):
    """Values in the order of time, each with the moment from which the site shows it."""

    __slots__ = ("moments", "values")

    def __init__(self, moments: list[int], values: list[V]) -> None:
        self.moments = moments
        self.values = values

    def report(self, moment: int, value: V) -> None:
        """Append a later value; it replaces the last if it comes no later."""
        if self.moments and moment <= self.moments[-1]:
            self.values[-1] = value
        else:
            self.moments.append(moment)
            self.values.append(value)

    def before(self, end: int) -> "History[V]":
        """Return the part shown before a moment."""
        kept = bisect_right(self.moments, end - 1)
        return History(self.moments[:kept], self.values[:kept])

    def at(self, now: int) -> V | None:
        """Return the value shown at a moment; None before the first."""
        found = bisect_right(self.moments, now)
        return self.values[found - 1] if found else None

"""Time on the stand-in: whole seconds since 1970 in UTC, which are quick to compare and small."""

from datetime import UTC, date, datetime, timedelta

DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_DAY_BEGINS, _DAY_LASTS = 8 * 3600, 12 * 3600
# The day number of each year's first of January: days are counted from 1970.
NEW_YEAR = {year: date(year, 1, 1).toordinal() - _EPOCH for year in range(1990, 2100)}


def moment(time: datetime) -> int:
    """Seconds since 1970 of a naive UTC time."""
    return int(time.replace(tzinfo=UTC).timestamp())


def time_of(seconds: int) -> datetime:
    """The naive UTC time."""
    return datetime(1970, 1, 1) + timedelta(seconds=seconds)  # noqa: DTZ001 because it is naive UTC


def midnight(day: date) -> int:
    """The moment at which a day begins."""
    return day_number(day) * DAY


def day_of(seconds: int) -> date:
    """The day that a moment falls in."""
    return date_of(seconds // DAY)


def day_number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - _EPOCH


def date_of(number: int) -> date:
    """The date of a day's number."""
    return date.fromordinal(number + _EPOCH)


def in_working_hours(number: int, salt: int) -> int:
    """A moment between 8:00 and 20:00 of a day, another one for another salt."""
    return number * DAY + _DAY_BEGINS + (salt * 40_503 + number) % _DAY_LASTS

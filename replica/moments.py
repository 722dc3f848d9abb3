"""Time on the stand-in: whole seconds since 1970 in UTC, which are quick to compare and small."""

from datetime import UTC, date, datetime, timedelta

DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()


def moment(time: datetime) -> int:
    """Seconds since 1970 of a naive UTC time."""
    return int(time.replace(tzinfo=UTC).timestamp())


def time_of(seconds: int) -> datetime:
    """The naive UTC time."""
    return datetime(1970, 1, 1) + timedelta(seconds=seconds)  # noqa: DTZ001 because it is naive UTC


def midnight(day: date) -> int:
    """The moment at which a day begins."""
    return (day.toordinal() - _EPOCH) * DAY


def day_of(seconds: int) -> date:
    """The day that a moment falls in."""
    return date.fromordinal(seconds // DAY + _EPOCH)

"""Times as HTTP, e-mail, scripts, web archives and people write them: naive UTC, whole seconds."""

import re
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime

# `Wed Jun 15 2016 15:05:00 GMT+0200 (Central European Summer Time)`: Date.toString of JavaScript
_SCRIPT_DATE = re.compile(
    r"(?:\w{3} )?(\w{3} \d{1,2} \d{4} \d{1,2}:\d{2}:\d{2}) (?:GMT|UTC)([+-]\d{4})"
)
_LAST_SECOND = time(23, 59, 59)


def utc_now() -> datetime:
    """Return the current time in naive UTC, cut to whole seconds."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def iso_time(text: str) -> datetime:
    """Parse an ISO 8601 time, UTC if it has no zone; of a day its first second.

    Raises:
        ValueError: the text is not such a time, or only a year or a month.
    """
    try:
        return _naive(datetime.fromisoformat(text.strip())).replace(microsecond=0)
    except OverflowError as error:
        raise ValueError("the time is outside the calendar") from error


def iso_time_or_day(text: str) -> date:
    """Parse an ISO 8601 time as a datetime, or a day (`2016-06-15`, `20160615`) as a date.

    Raises:
        ValueError: the text is neither.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return iso_time(text)


def last_second(moment: date) -> datetime:
    """Return a time as it is, and of a day its last second: what a day means as a moment."""
    return moment if isinstance(moment, datetime) else datetime.combine(moment, _LAST_SECOND)


def mail_time(text: str | None) -> datetime | None:
    """Parse a date of HTTP or e-mail (`Wed, 15 Jun 2016 13:05:00 GMT`); None if it is invalid."""
    try:
        return _naive(parsedate_to_datetime(text.strip())) if text else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def script_time(text: str) -> datetime | None:
    """Parse a date as JavaScript prints it; None if it is invalid."""
    found = _SCRIPT_DATE.match(text.strip())
    return printed_time(f"{found[1]} {found[2]}", "%b %d %Y %H:%M:%S %z") if found else None


def digits_time(text: str) -> datetime | None:
    """Parse `20160615130500` and what may stand behind the seconds; None if it is invalid."""
    return printed_time(text[:14], "%Y%m%d%H%M%S")


def printed_time(text: str, form: str) -> datetime | None:
    """Parse a time in the form of `strptime`, UTC if it has no zone; None if it is invalid."""
    try:
        return _naive(datetime.strptime(text, form))  # noqa: DTZ007 because archives write UTC
    except (ValueError, OverflowError):
        return None


def _naive(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time

"""Times as HTTP, e-mail, scripts and web archives print them, in naive UTC, whole seconds."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# `Wed Jun 15 2016 15:05:00 GMT+0200 (Central European Summer Time)`: Date.toString of JavaScript
_SCRIPT_DATE = re.compile(
    r"(?:\w{3} )?(\w{3} \d{1,2} \d{4} \d{1,2}:\d{2}:\d{2}) (?:GMT|UTC)([+-]\d{4})"
)


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

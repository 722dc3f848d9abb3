"""The time of a capture against what the capture shows of itself."""

from datetime import datetime

import pytest

from extractors.archive.capture_time import check_time_option, checked_time
from extractors.archive.inputs import InputRefusedError
from extractors.captures import NewCapture, RevisitCapture

URL = "https://gateway.example/factsheet/project/00090001"
NOW = datetime.fromisoformat("2024-06-15T12:00:00")
CLOCK = b"<div>15 Jun 2016 1:05 PM GMT</div><h1>Project Factsheet</h1>"
CLOCK_AT = datetime.fromisoformat("2016-06-15T13:05:00")
NO_CLOCK = b"<h1>Project Factsheet</h1>"


def page(
    at: str, body: bytes = NO_CLOCK, date: str | None = None, source: str = "warc"
) -> NewCapture:
    headers = (("Date", date),) if date else ()
    return NewCapture(URL, datetime.fromisoformat(at), source, source, body, 200, headers)


@pytest.mark.parametrize("given", ["2061-06-15T13:05:00", "2016-06-14T13:04:59", "1980-01-01"])
def test_the_page_s_clock_counts_where_the_time_given_is_earlier_or_cannot_be(given: str) -> None:
    """The time that was given is kept beside it."""
    found = checked_time(page(given, CLOCK), NOW)
    assert (found.captured_at, found.captured_at_source) == (CLOCK_AT, "page_clock")
    assert (found.given_at, found.shown_at) == (datetime.fromisoformat(given), None)


@pytest.mark.parametrize(
    "given", ["2016-06-14T13:05:00", "2016-06-15T13:05:00", "2016-06-16T13:05"]
)
def test_a_time_within_a_day_of_the_clock_stays_as_it_is(given: str) -> None:
    capture = page(given, CLOCK)
    assert checked_time(capture, NOW) == capture


def test_an_earlier_clock_is_recorded_and_does_not_count() -> None:
    """A cache or a revisit shows an old page later."""
    found = checked_time(page("2017-01-01", CLOCK), NOW)
    assert found == page("2017-01-01", CLOCK)._replace(shown_at=CLOCK_AT)


def test_of_a_clock_and_a_date_header_the_later_counts() -> None:
    date = "Fri, 17 Jun 2016 09:00:00 GMT"
    found = checked_time(page("2012-01-01", CLOCK, date), NOW)
    assert isinstance(found, NewCapture)
    assert found.captured_at == datetime.fromisoformat("2016-06-17T09:00:00")
    assert found.captured_at_source == "http_date"


def test_a_revisit_is_dated_by_its_date_header() -> None:
    headers = (("date", "Fri, 17 Jun 2016 11:00:00 +0200"),)
    at = datetime.fromisoformat("2061-01-01")
    revisit = RevisitCapture(URL, at, "warc", "warc", "0" * 64, 5, 304, headers)
    found = checked_time(revisit, NOW)
    assert (found.captured_at, found.given_at) == (datetime.fromisoformat("2016-06-17T09:00"), at)


@pytest.mark.parametrize(
    ("given", "body", "date", "says"),
    [
        ("2024-06-16T12:00:01", NO_CLOCK, None, "is in the future"),
        ("2003-12-31T23:59:59", NO_CLOCK, None, "is before 2004"),
        ("1970-01-01", b"<p>1 Jan 2061 1:05 PM GMT</p>", None, "is before 2004"),
        ("2061-01-01", NO_CLOCK, "Sat, 01 Jan 2061 00:00:00 GMT", "is in the future"),
        ("2061-01-01", NO_CLOCK, "yesterday", "is in the future"),
    ],
)
def test_a_time_that_cannot_be_without_a_better_one_is_refused(
    given: str, body: bytes, date: str | None, says: str
) -> None:
    with pytest.raises(InputRefusedError, match=says) as refusal:
        checked_time(page(given, body, date), NOW)
    assert "--captured-at" in str(refusal.value)


def test_a_clock_in_the_future_does_not_count() -> None:
    found = checked_time(page("2016-01-01", b"<p>1 Jan 2061 1:05 PM GMT</p>"), NOW)
    assert found.captured_at == datetime.fromisoformat("2016-01-01")
    assert found.shown_at == datetime.fromisoformat("2061-01-01T13:05:00")


@pytest.mark.parametrize("at", ["2012-01-01", "2061-01-01", "2017-01-01"])
def test_a_live_capture_keeps_this_program_s_time(at: str) -> None:
    """Whatever the site's clock says: a difference is recorded."""
    capture = page(at, CLOCK, source="gateway")
    assert checked_time(capture, NOW) == capture._replace(shown_at=CLOCK_AT)


def test_a_person_s_time_may_be_a_minute_ahead_and_no_more() -> None:
    check_time_option(datetime.fromisoformat("2024-06-15T12:01:00"), NOW)
    for wrong in ("2024-06-15T12:01:01", "2003-01-01"):
        with pytest.raises(InputRefusedError, match="capture time"):
            check_time_option(datetime.fromisoformat(wrong), NOW)

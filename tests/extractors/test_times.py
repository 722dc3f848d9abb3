"""Printed times are parsed into naive UTC, and none of them can stop a run."""

from datetime import datetime

import pytest

from extractors.times import digits_time, mail_time, script_time

JUNE = datetime(2016, 6, 15, 13, 5)  # noqa: DTZ001 because every time here is naive UTC


def test_a_time_is_that_of_its_zone() -> None:
    assert mail_time("Wed, 15 Jun 2016 13:05:00 GMT") == JUNE
    assert mail_time(" Wed, 15 Jun 2016 15:05:00 +0200\n") == JUNE
    assert script_time("Wed Jun 15 2016 15:05:00 GMT+0200 (CEST)") == JUNE
    assert digits_time("20160615130500123") == JUNE


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "15 June", "Mon,", "x" * 99,
        "Wed Jun 35 2016 15:05:00 GMT+0200",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2016 00:00:00 +99999999999999999",
    ],
)  # fmt: skip
def test_what_is_no_time_of_the_calendar_is_none(text: str) -> None:
    assert (mail_time(text), script_time(text), digits_time(text)) == (None, None, None)


@pytest.mark.parametrize("text", ["Wed Jun 15 2016 15:05:00", "Mon Jan 01 0001 00:00:00 GMT+0100"])
def test_a_script_s_date_without_a_zone_or_before_the_first_year_is_none(text: str) -> None:
    assert script_time(text) is None

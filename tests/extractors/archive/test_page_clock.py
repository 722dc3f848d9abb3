"""The clock printed in a page's head."""

from datetime import datetime

import pytest

from extractors.archive.page_clock import page_clock


@pytest.mark.parametrize(
    "printed",
    [
        b"<span>25 May 2022 9:58 AM GMT</span>",
        b"25&nbsp;May 2022\n 9:58 AM GMT",
        "25\u00a0May\u00a02022 9:58 AM GMT".encode(),
        b"25\xa0May\xa02022 9:58 AM GMT",
        b"<b>25 May 2022</b> <i>9:58 AM</i> GMT",
        b"25 May 2022 9:58 AM GMT\n1 Jan 2001 9:58 AM GMT",
        b"|\n25 May 2022 9:58 AM GMT Sign in |",
        b"MPTF Office Gateway 25 May 2022 9:58 AM GMT",
        b"<title>Project Factsheet</title><style>a{}</style><p>25 May 2022 9:58 AM GMT&nbsp;</p>",
        b"<!-- Project Factsheet --><meta content='Key Figures'><p>25 May 2022 9:58 AM GMT</p>",
        "<p>25 May 2022 9:58 AM GMT</p>".encode("utf-16"),
        "<p>25\u00a0May 2022 9:58 AM GMT</p>".encode("utf-16-be"),
    ],
)
def test_the_clock_is_found_in_any_markup(printed: bytes) -> None:
    assert page_clock(printed) == datetime(2022, 5, 25, 9, 58)  # noqa: DTZ001 because every time here is naive UTC


@pytest.mark.parametrize(
    "printed",
    [
        b"", b"25 May 2022", b"25 May 2022 9:58 AM", b"31 Feb 2022 9:58 AM GMT",
        b"25 May 2022 13:58 PM GMT", b"25 Mai 2022 9:58 AM GMT", b"125 May 2022 9:58 AM GMT",
        pytest.param(b"25" + b"\xa0" * 10_000 + b"x", id="many blanks, each tried once"),
        pytest.param(b"25 May 2022 9:58 AM GMT" + b"\xa0" * 70 + b"x", id="many blanks behind it"),
    ],
)  # fmt: skip
def test_a_page_without_a_valid_clock_has_no_time(printed: bytes) -> None:
    assert page_clock(printed) is None


@pytest.mark.parametrize(
    "printed",
    [
        b"<h1>Project Factsheet</h1><p>25 May 2022 9:58 AM GMT</p>",
        b"Tools for the site\n25 May 2022 9:58 AM GMT",
        b"<td>Project ID:</td><td>00090001</td><p>25 May 2022 9:58 AM GMT</p>",
        b"<p>They met on 25 May 2022 9:58 AM GMT</p>",
        b"<p>25 May 2022 9:58 AM GMT was the time of the meeting</p>",
        b"<!-- 25 May 2022 9:58 AM GMT --><p>no clock</p>",
        b"<script>var at = '<b>25 May 2022 9:58 AM GMT</b>'</script><p>no clock</p>",
        b'<p title="25 May 2022 9:58 AM GMT">no clock</p>',
        b'{"note": "25 May 2022 9:58 AM GMT"}',
    ],
)
def test_a_time_that_does_not_stand_alone_above_the_subject_is_no_clock(printed: bytes) -> None:
    assert page_clock(printed) is None


def test_noon_and_midnight_differ() -> None:
    noon = page_clock(b"1 Jan 2020 12:00 PM GMT")
    midnight = page_clock(b"1 Jan 2020 12:00 AM GMT")
    assert noon is not None
    assert midnight is not None
    assert (noon.hour, midnight.hour) == (12, 0)

"""Programme IDs and fund codes, the URLs that contain them, and capture IDs."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.ids import (
    UNKNOWN_MONTH,
    NotAnIdError,
    api_query_of,
    capture_id,
    fund_code_of,
    parse_key,
    parse_programme_id,
    programme_id_of,
    statement_month_of,
)

SEEN_AT = datetime(2016, 6, 15, 13, 5)  # noqa: DTZ001 because every time here is naive UTC


@pytest.mark.parametrize(
    "typed",
    [
        "67193",
        "00067193",
        " 67193\n",
        "https://mptf.undp.org/factsheet/project/00067193",
        "https://mptf.undp.org/factsheet/project/00067193?report=year#top",
        "https://mptf.undp.org/project/67193",
        "http://web.archive.org/web/2016/https://mptf.undp.org/factsheet/project/00067193",
    ],
)
def test_every_form_of_an_id_is_parsed(typed: str) -> None:
    assert parse_programme_id(typed) == "00067193"


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "0", "00000000", "123456789", "-67193", "67 193", "67193a", "6.7e4", "١٢٣",
        "MDG00", "https://mptf.undp.org/factsheet/fund/MDG00",
        "https://mptf.undp.org/factsheet/project/", "https://mptf.undp.org/project/123456789",
        "https://mptf.undp.org/project/67193abc",
    ],
)  # fmt: skip
def test_invalid_ids_are_refused_with_a_valid_example(typed: str) -> None:
    with pytest.raises(NotAnIdError, match="00067193"):
        parse_programme_id(typed)


@given(number=st.integers(1, 99_999_999), width=st.integers(1, 8))
def test_leading_zeros_do_not_matter(number: int, width: int) -> None:
    assert parse_programme_id(str(number).zfill(width)) == f"{number:08d}"


@pytest.mark.parametrize(
    ("url", "programme_id"),
    [
        ("https://mptf.undp.org/factsheet/project/00067193", "00067193"),
        ("https://mptf.undp.org/project/67193/", "00067193"),
        ("https://mptf.undp.org/portfolio/fund", None),
        ("https://mptf.undp.org/document/download/67193", None),
        ("https://mptf.undp.org/project/١٢٣", None),
        ("file:00067193.html", "00067193"),
        ("file:mptf.undp.org/project/67193", "00067193"),
        ("file:factsheet/project/67193.html", "00067193"),
        ("file:saved/project/2016/figures.xls", None),
        ("file:v1.old/project/20160615/figures.xls", None),
        ("file:project/12/00067193.xls", "00067193"),
    ],
)
def test_the_programme_id_in_a_url_is_found(url: str, programme_id: str | None) -> None:
    assert programme_id_of(url) == programme_id


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://mptf.undp.org/factsheet/fund/MDG00", "MDG00"),
        ("/factsheet/fund/pb000?fund_status_month_to=1", "PB000"),
        ("https://mptf.undp.org/fund/ccf00", "CCF00"),
        ("file:mptf.undp.org/fund/ccf00", "CCF00"),
        ("file:my/fund/money/figures.xls", None),
        ("/factsheet/fund/MDG000", None),
        ("/factsheet/fund/MDG0", None),
        ("/portfolio/fund", None),
        ("", None),
    ],
)
def test_the_fund_code_in_a_url_is_found(url: str, code: str | None) -> None:
    assert fund_code_of(url) == code


def test_a_capture_id_depends_on_url_time_and_body() -> None:
    sha = "0" * 64
    one = capture_id("https://mptf.undp.org/project/1", SEEN_AT, sha)
    assert one == capture_id("https://mptf.undp.org/project/1", SEEN_AT, sha)
    others = {
        capture_id("https://mptf.undp.org/project/2", SEEN_AT, sha),
        capture_id("https://mptf.undp.org/project/1", SEEN_AT.replace(second=1), sha),
        capture_id("https://mptf.undp.org/project/1", SEEN_AT, "1" * 64),
    }
    assert len(others - {one}) == 3
    assert len(one) == 32


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("https://mptf.undp.org/mptf_rest_api/get/,a,b,/fromYear:2016", "get/,a,b,/fromYear:2016"),
        ("https://gateway.example/en/jsonapi/node?page=2", "node?page=2"),
        ("https://gateway.example/api/funds", "funds"),
        ("https://mptf.undp.org/project/00067193", ""),
        ("https://mptf.undp.org/fund/capi0", ""),
        ("https://api.example/fund/pb000", ""),
        ("https://mptf.undp.org/mptf_rest_api/", ""),
        ("file:api/x.json", ""),
    ],
)
def test_the_query_of_an_api_is_found_in_its_url(url: str, query: str) -> None:
    assert api_query_of(url) == query


def test_an_answer_is_parsed_with_its_query_and_a_page_without_its_url() -> None:
    sha = "0" * 64
    assert parse_key("https://mptf.undp.org/project/1", sha) == sha
    years = [f"https://mptf.undp.org/mptf_rest_api/get/,a,/fromYear:{y}" for y in (2015, 2016)]
    assert len({sha, *(parse_key(url, sha) for url in years)}) == 3


def test_bytes_that_are_known_to_be_cut_short_are_another_page() -> None:
    """The same bytes whole and cut short are two parses and two captures, at one URL and time."""
    url, sha = "https://mptf.undp.org/project/1", "0" * 64
    keys = {parse_key(url, sha, reason) for reason in (None, "length", "digest")}
    captures = {capture_id(url, SEEN_AT, sha, reason) for reason in (None, "length")}
    assert (len(keys), len(captures)) == (3, 2)


FUND = "https://mptf.undp.org/factsheet/fund/PB000"


@pytest.mark.parametrize(
    ("url", "month"),
    [
        (FUND, None),
        (f"{FUND}?page=2", None),
        (f"{FUND}?fund_status_month_to=12&fund_status_year_to=2018", "2018-12"),
        (f"{FUND}?fund_status_year_to=2018&x=1&fund_status_month_to=03", "2018-03"),
        (f"{FUND}/status/excel?fund_status_month_to=3&fund_status_year_to=2018", "2018-03"),
        (f"{FUND}?fund_status_month_to=&fund_status_year_to=", None),
        ("https://a.org/x?fund_status_month_to=12&fund_status_year_to=2018", None),
    ],
)
def test_a_fund_s_url_may_ask_for_the_statement_of_a_month(url: str, month: str | None) -> None:
    assert statement_month_of(url) == month


@pytest.mark.parametrize(
    "query",
    [
        "fund_status_month_to=13&fund_status_year_to=2018",
        "fund_status_month_to=0&fund_status_year_to=2018",
        "fund_status_month_to=Dec&fund_status_year_to=2018",
        "fund_status_month_to=12&fund_status_year_to=18",
        "fund_status_month_to=12",
        "fund_status_year_to=2018",
        "fund_status_month_to=12&fund_status_year_to=",
        "fund_status_month_to=12&amp;fund_status_year_to=2018",
        "fund_status_month_to=12&fund_status_month_to=11&fund_status_year_to=2018",
        "fund_status_month_from=1&fund_status_month_to=12&fund_status_year_to=2018",
        "fund%5Fstatus_month_to=12",
    ],
)
def test_a_month_that_is_not_understood_is_not_taken_for_today(query: str) -> None:
    assert statement_month_of(f"{FUND}?{query}") == UNKNOWN_MONTH

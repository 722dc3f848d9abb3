"""What crawls hold beside pages is skipped without noise; texts of pages are captures."""

from pathlib import Path

import pytest

from extractors.archive.foreign.crawls import what_it_is
from extractors.captures import NewCapture, RefusedInput, RevisitCapture, SkippedInput
from tests.extractors.archive.warcs import (
    JULY,
    PAGE,
    URL,
    answer,
    captured,
    crawl,
    record,
    refusals,
    resolved,
    skips,
)

SITE = "https://mptf.undp.org"
TEXT = b"Project Factsheet\nProject ID:00067193\n"
API = f"{SITE}/mptf_rest_api/getAnalyzeAllProjects/,BUDGET,/fromYear:2016,"


@pytest.mark.parametrize(
    ("url", "content_type"),
    [
        (f"urn:text:{URL}", "text/plain"),
        (f"urn:pageinfo:{URL}", "application/json"),
        (f"urn:thumbnail:{URL}", "image/png"),
        (f"urn:view:{URL}", "text/html"),
        (f"screenshot:{URL}", "image/jpeg"),
        ("metadata://gnu.org/software/wget/warc/wget.log", "text/plain"),
        ("dns:mptf.undp.org", "text/dns"),
        (f"{SITE}/App_Themes/gateway.css", "text/css; charset=utf-8"),
        (f"{SITE}/App_Themes/gateway.css", ""),
        (f"{SITE}/logo", "IMAGE/PNG"),
        (f"{SITE}/logo.png?v=2", "application/octet-stream"),
        (f"{SITE}/jquery", "application/x-javascript"),
        (f"{SITE}/font.woff2", "font/woff2"),
        (f"{SITE}/manifest", "application/manifest+json"),
        (f"{SITE}/pages/pages.jsonl", "application/x-ndjson"),
        (f"{SITE}/document/download/1", "application/pdf"),
        (f"{SITE}/robots.txt", "text/plain"),
        ("http://[::1", "image/png"),
    ],
)
def test_what_is_no_page_is_skipped(tmp_path: Path, url: str, content_type: str) -> None:
    noise = record("resource", b"?", url=url, Content_Type=content_type)
    assert skips(crawl(tmp_path / "crawl.warc", noise)) == [what_it_is(url, content_type)]
    assert what_it_is(url, content_type) != ""


@pytest.mark.parametrize(
    ("url", "content_type"),
    [
        (URL, "text/html"),
        (URL, "text/css-like"),
        (URL, ""),
        (f"{URL}/view.xls", "application/vnd.ms-excel"),
        (f"{URL}/xls", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (f"{URL}/view", "application/octet-stream"),
        (f"{SITE}/export", "text/csv"),
        (f"{SITE}/export", "text/xml"),
        (API, "application/json"),
        (f"{API}.json", "application/octet-stream"),
        ("file:page.html", "application/octet-stream"),
    ],
)
def test_what_may_be_a_page_is_captured(tmp_path: Path, url: str, content_type: str) -> None:
    page = record("resource", PAGE, url=url, Content_Type=content_type)
    assert [one.body for one in captured(crawl(tmp_path / "crawl.warc", page))] == [PAGE]


def test_the_type_is_that_of_the_response(tmp_path: Path) -> None:
    page = record("response", answer(b"x", Content_Type="image/gif"), url=f"{SITE}/pixel")
    assert skips(crawl(tmp_path / "crawl.warc.gz", page)) == ["image/gif"]


def test_requests_metadata_and_redirects_are_no_captures(tmp_path: Path) -> None:
    get = b"GET /factsheet/project/00067193 HTTP/1.1\r\n\r\n"
    file = crawl(
        tmp_path / "crawl.warc.gz",
        record("warcinfo", b"software: x\r\n", url="", Content_Type="application/warc-fields"),
        record("request", get, Content_Type="application/http; msgtype=request"),
        record("request", b"REPORT / HTTP/2\r\n\r\n"),
        record("metadata", b'{"Envelope": {}}', Content_Type="application/json"),
        record("response", answer(b"", "301 Moved", Location=f"{URL}/")),
        record("response", answer()),
    )
    assert [type(item) for item in resolved(file)] == [SkippedInput, NewCapture]


def test_a_revisit_of_what_was_skipped_is_skipped(tmp_path: Path) -> None:
    picture = f"{SITE}/logo"
    first = record(
        "response", answer(b"GIF8", Content_Type="image/gif"), url=picture, WARC_Record_ID="<x:1>"
    )
    again = record("revisit", url=picture, date=JULY, WARC_Refers_To="<x:1>")
    style = record("revisit", answer(b"", Content_Type="text/css"), url=f"{SITE}/a", date=JULY)
    bare = record("revisit", url=f"{SITE}/gateway.css", date=JULY)
    file = crawl(tmp_path / "crawl.warc", first, again, style, bare)
    assert [type(item) for item in resolved(file)] == [SkippedInput] * 4


def test_an_error_is_reported_at_a_url_of_the_site_only(tmp_path: Path) -> None:
    file = crawl(
        tmp_path / "crawl.warc.gz",
        record("response", answer(b"gone", "404 Not Found"), url="https://example.org/x"),
        record("response", answer(b"gone", "404 Not Found")),
    )
    assert refusals(file) == ["a response with status 404, which is not a page"]


def test_a_response_with_304_is_a_revisit(tmp_path: Path) -> None:
    """Some crawlers write it as any other response."""
    first = record("response", answer())
    again = record("response", answer(b"", "304 Not Modified"), date=JULY,
                   WARC_Refers_To_Date="2016-06-15T13:05:00Z")  # fmt: skip
    *_, last = resolved(crawl(tmp_path / "crawl.warc", first, again))
    assert isinstance(last, RevisitCapture)
    assert last.http_status == 304


def text_of(url: str = URL, **headers: str) -> bytes:
    """Return the text of a page as a corpus has it."""
    return record("conversion", TEXT, url=url, **({"Content_Type": "text/plain"} | headers))


def test_the_text_of_a_page_is_a_capture_at_the_page_s_url_and_time(tmp_path: Path) -> None:
    (capture,) = captured(crawl(tmp_path / "crawl.warc.gz", text_of()))
    assert (capture.url, capture.body, capture.http_status) == (URL, TEXT, None)
    assert capture.captured_at.isoformat() == "2016-06-15T13:05:00"


def test_a_text_whose_page_is_in_the_file_is_skipped(tmp_path: Path) -> None:
    """It holds no more than the page, and loses its columns."""
    page = record("response", answer(), WARC_Record_ID="<urn:x:1>")
    by_id = text_of(date=JULY, WARC_Refers_To="<urn:x:1>")
    file = crawl(tmp_path / "crawl.warc", page, text_of(), by_id)
    assert skips(file) == ["the text of a page in the same file"] * 2


def test_a_text_whose_page_was_refused_is_a_capture(tmp_path: Path) -> None:
    page = record("response", answer(PAGE, Content_Encoding="compress"))
    refused, text = resolved(crawl(tmp_path / "crawl.warc", page, text_of()))
    assert isinstance(refused, RefusedInput)
    assert isinstance(text, NewCapture)


def test_a_conversion_to_something_else_than_text_is_skipped(tmp_path: Path) -> None:
    file = crawl(tmp_path / "crawl.warc", text_of(Content_Type="application/pdf"))
    assert len(skips(file)) == 1

"""Saved captures: the source of their URL and time, and refused inputs."""

import gzip
import io
import json
import os
import resource
import struct
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from extractors.archive.inputs import CaptureOverrides, Revisit, SavedItem
from extractors.archive.saved import read_saved
from extractors.archive.warc import parse_time
from extractors.captures import NewCapture, RefusedInput, SkippedInput
from tests.processes import PATIENCE

MAX_BODY = 1_000
PAGE = b"<p>25 May 2022 9:58 AM GMT</p>"
CLOCKLESS = b"<p>a page</p>"
URL = "https://mptf.undp.org/project/67193"


def at(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 because every time here is naive UTC


SIDECAR_TIME, CLOCK_TIME, FILE_TIME = at(2016, 6, 15, 13, 5), at(2022, 5, 25, 9, 58), at(2020, 1, 2)
OPTION_TIME, ZIP_TIME = at(2019, 9, 9), at(2018, 3, 4, 5, 6, 8)
NOTHING_GIVEN = CaptureOverrides()


def save(path: Path, body: bytes = PAGE, sidecar: object = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    seconds = 1577923200  # 2020-01-02 in UTC
    os.utime(path, (seconds, seconds))
    if sidecar is not None:
        text = sidecar if isinstance(sidecar, str) else json.dumps(sidecar)
        path.with_name(f"{path.name}.json").write_text(text, encoding="utf-8")
    return path


def found(path: Path, given: CaptureOverrides = NOTHING_GIVEN) -> list[SavedItem]:
    return list(read_saved(path, given, MAX_BODY))


def captures(path: Path, given: CaptureOverrides = NOTHING_GIVEN) -> list[NewCapture]:
    """Return the captures under a path, with nothing refused."""
    everything = found(path, given)
    accepted = [one for one in everything if isinstance(one, NewCapture)]
    assert [one for one in everything if isinstance(one, RefusedInput)] == []
    return accepted


def failures(path: Path, given: CaptureOverrides = NOTHING_GIVEN) -> list[RefusedInput]:
    return [one for one in found(path, given) if isinstance(one, RefusedInput)]


def zipped(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in entries.items():
            info = zipfile.ZipInfo(name, (2018, 3, 4, 5, 6, 8))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, body)
    return path


def warc(
    path: Path,
    *pages: tuple[str, bytes, list[tuple[str, str]]],
    kind: str = "response",
    date: str = "2016-06-15T13:05:00Z",
) -> Path:
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=path.name.endswith(".gz"), warc_version="1.1")
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "test"}))
        for url, body, headers in pages:
            http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    url,
                    kind,
                    payload=io.BytesIO(body),
                    length=len(body),
                    http_headers=http if kind == "response" else None,
                    warc_headers_dict={"WARC-Date": date},
                )
            )
    return path


def test_a_file_is_a_capture_with_its_name_as_url(tmp_path: Path) -> None:
    file = save(tmp_path / "a page é.html", CLOCKLESS)
    assert captures(file) == [
        NewCapture("file:a%20page%20%C3%A9.html", FILE_TIME, "file_time", "saved", CLOCKLESS)
    ]


def test_a_sidecar_gives_url_and_time(tmp_path: Path) -> None:
    sidecar = {"url": URL, "captured_at": "2016-06-15T15:05:00.75+02:00"}
    file = save(tmp_path / "page.html", sidecar=sidecar)
    assert captures(file) == [NewCapture(URL, SIDECAR_TIME, "sidecar", "saved", PAGE)]


SIDECAR = {"captured_at": "2016-06-15T13:05:00Z"}


@pytest.mark.parametrize(
    ("given", "sidecar", "body", "expected"),
    [
        (CaptureOverrides(OPTION_TIME), SIDECAR, PAGE, (OPTION_TIME, "option")),
        (CaptureOverrides(OPTION_TIME), None, CLOCKLESS, (OPTION_TIME, "option")),
        (NOTHING_GIVEN, SIDECAR, PAGE, (SIDECAR_TIME, "sidecar")),
        (NOTHING_GIVEN, {"url": URL}, PAGE, (CLOCK_TIME, "page_clock")),
        (NOTHING_GIVEN, None, PAGE, (CLOCK_TIME, "page_clock")),
        (NOTHING_GIVEN, {"url": URL}, CLOCKLESS, (FILE_TIME, "file_time")),
        (NOTHING_GIVEN, None, CLOCKLESS, (FILE_TIME, "file_time")),
    ],
)
def test_the_capture_time_is_the_first_of_option_sidecar_page_and_file(
    tmp_path: Path,
    given: CaptureOverrides,
    sidecar: dict[str, str] | None,
    body: bytes,
    expected: tuple[datetime, str],
) -> None:
    (capture,) = captures(save(tmp_path / "page.html", body, sidecar), given)
    assert (capture.captured_at, capture.captured_at_source) == expected


def test_an_overriding_time_replaces_that_of_a_warc_record(tmp_path: Path) -> None:
    file = warc(tmp_path / "saved.warc", (URL, PAGE, []))
    (overridden,) = captures(file, CaptureOverrides(OPTION_TIME))
    (own,) = captures(file)
    assert (overridden.captured_at, overridden.captured_at_source) == (OPTION_TIME, "option")
    assert (own.captured_at, own.captured_at_source) == (SIDECAR_TIME, "warc")


def test_an_overriding_url_replaces_that_of_the_sidecar(tmp_path: Path) -> None:
    file = save(tmp_path / "page.html", sidecar={"url": URL})
    (capture,) = captures(file, CaptureOverrides(url="https://mptf.undp.org/project/1"))
    assert capture.url == "https://mptf.undp.org/project/1"


def test_a_folder_yields_its_pages_by_name_without_sidecars_and_hidden_files(
    tmp_path: Path,
) -> None:
    save(tmp_path / "b.html", sidecar={"url": URL})
    save(tmp_path / "a" / "z.txt")
    save(tmp_path / "c.json")
    save(tmp_path / ".hidden.html")
    save(tmp_path / ".git" / "config")
    save(tmp_path / "__MACOSX" / "b.html")
    assert [capture.url for capture in captures(tmp_path)] == ["file:a/z.txt", URL, "file:c.json"]


@pytest.mark.parametrize(
    "sidecar",
    [
        "",
        "not JSON",
        "[]",
        "5",
        "null",
        '{"captured_at": "yesterday"}',
        '{"captured_at": 5}',
        '{"captured_at": ""}',
        '{"captured_at": "2016"}',
        '{"captured_at": "2016-06"}',
        '{"url": 5}',
        '{"url": ["https://mptf.undp.org"]}',
        '{"url": "https://mptf.undp.org/\\nWARC-Type: x"}',
        '{"captured_at": "0001-01-01T00:00:00+14:00"}',
        "[" * 60_000,
        '{"url": "' + "x" * 70_000 + '"}',
    ],
    ids=[
        "empty", "no_json", "list", "number", "null", "no_time", "number_time", "empty_time",
        "year", "month", "number_url", "list_url", "control_url", "before_all_time", "deep",
        "huge",
    ],
)  # fmt: skip
def test_a_bad_sidecar_refuses_its_page_only(tmp_path: Path, sidecar: str) -> None:
    save(tmp_path / "a.html", sidecar=sidecar)
    save(tmp_path / "b.html", sidecar={"url": URL})
    everything = found(tmp_path)
    assert [one.name for one in everything if isinstance(one, RefusedInput)] == ["a.html"]
    assert [one.url for one in everything if isinstance(one, NewCapture)] == [URL]


def test_a_file_larger_than_any_page_is_refused_with_the_limit(tmp_path: Path) -> None:
    save(tmp_path / "big.html", b"0" * (MAX_BODY + 1))
    save(tmp_path / "fits.html", b"0" * MAX_BODY)
    assert [(f.name, "1,000 bytes" in f.message) for f in failures(tmp_path)] == [
        ("big.html", True)
    ]
    assert len(found(tmp_path)) == 2


def test_a_missing_path_is_refused(tmp_path: Path) -> None:
    assert failures(tmp_path / "none.html") == [
        RefusedInput("none.html", "No such file or directory")
    ]


def test_a_file_name_that_is_not_utf8_stops_nothing_else(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.html")).write_bytes(PAGE)
    save(tmp_path / "z.html", sidecar={"url": URL})
    everything = found(tmp_path)
    assert len(everything) == 2
    assert isinstance(everything[1], NewCapture)


@pytest.mark.parametrize(
    "url",
    ["https://mptf.undp.org/\r\nX: y", "https://mptf.undp.org/\x00", "https://mptf.undp.org/\x1b[2J",
     "https://mptf.undp.org/\u202e", "https://mptf.undp.org/\ud800", "x" * 3000],
    ids=["line_break", "nul", "escape", "right_to_left", "surrogate", "endless"],
)  # fmt: skip
def test_a_url_with_control_characters_is_refused(tmp_path: Path, url: str) -> None:
    file = save(tmp_path / "page.html")
    assert [f.name for f in failures(file, CaptureOverrides(url=url))] == ["page.html"]
    assert [f.name for f in failures(save(tmp_path / "b.html", sidecar={"url": url}))] == ["b.html"]


def test_a_space_in_a_url_is_escaped(tmp_path: Path) -> None:
    (capture,) = captures(save(tmp_path / "page.html"), CaptureOverrides(url=f"{URL} 1"))
    assert capture.url == f"{URL}%201"


def test_a_zip_yields_its_pages_with_their_sidecars(tmp_path: Path) -> None:
    sidecar = json.dumps({"url": URL, "captured_at": "2016-06-15T13:05:00Z"}).encode()
    file = zipped(
        tmp_path / "pages.zip",
        {
            "b.html": PAGE,
            "b.html.json": sidecar,
            "in/a.html": CLOCKLESS,
            "__MACOSX/b.html": b"x",
            ".DS_Store": b"x",
        },
    )
    assert captures(file) == [
        NewCapture(URL, SIDECAR_TIME, "sidecar", "saved", PAGE),
        NewCapture("file:in/a.html", ZIP_TIME, "file_time", "saved", CLOCKLESS),
    ]


def test_a_zip_entry_with_a_climbing_name_is_read_but_writes_nothing(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "deep" / "deeper"
    folder.mkdir(parents=True)
    file = zipped(folder / "pages.zip", {"../../evil.html": PAGE, "ok.html": PAGE})
    assert len(found(file)) == 2
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["pages.zip"]


def test_an_oversize_zip_entry_is_refused_whatever_its_header_claims(tmp_path: Path) -> None:
    file = zipped(tmp_path / "pages.zip", {"big.html": b"0" * 500_000, "ok.html": PAGE})
    honest = failures(file)
    content = bytearray(file.read_bytes())
    for mark, field in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = content.find(mark) + field
        content[place : place + 4] = struct.pack("<I", 10)  # "10 bytes when decompressed"
    file.write_bytes(content)
    lying = failures(file)
    assert [f.name for f in honest] == [f.name for f in lying] == ["pages.zip:big.html"]
    assert len(found(file)) == 2


def test_a_zip_entry_without_a_date_stops_nothing_else(tmp_path: Path) -> None:
    """Some tools write zeros as the date, which is not a valid one."""
    file = zipped(tmp_path / "pages.zip", {"a.html": PAGE, "b.html": PAGE})
    content = bytearray(file.read_bytes())
    for mark, field in ((b"PK\x03\x04", 10), (b"PK\x01\x02", 12)):
        place = content.find(mark) + field
        content[place : place + 4] = b"\0\0\0\0"
    file.write_bytes(content)
    everything = found(file)
    assert len(everything) == 2
    assert isinstance(everything[1], NewCapture)


def test_a_damaged_zip_yields_whole_pages_or_none(tmp_path: Path) -> None:
    body = b"<p>" + b"wells and pumps " * 20 + b"</p>"
    file = zipped(tmp_path / "pages.zip", {"a.html": body, "b.html": CLOCKLESS})
    whole = file.read_bytes()
    bodies = set()
    raised = []
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            bodies |= {one.body for one in found(file) if isinstance(one, NewCapture)}
        except Exception as error:
            raised.append(f"{place}: {error!r}")
    assert raised == []
    assert bodies == {body, CLOCKLESS}


@pytest.mark.parametrize("name", ["not.zip", "empty.zip"])
def test_an_invalid_zip_is_refused(tmp_path: Path, name: str) -> None:
    file = save(tmp_path / name, b"" if name == "empty.zip" else b"not a zip")
    assert [f.name for f in failures(file)] == [name]


@pytest.mark.parametrize("name", ["saved.warc", "saved.warc.gz"])
@pytest.mark.parametrize("kind", ["response", "resource"])
def test_a_warc_yields_each_record_s_body(tmp_path: Path, name: str, kind: str) -> None:
    file = warc(tmp_path / name, (URL, PAGE, []), (f"{URL}9", CLOCKLESS, []), kind=kind)
    status = 200 if kind == "response" else None
    assert [capture._replace(known_as=()) for capture in captures(file)] == [
        NewCapture(URL, SIDECAR_TIME, "warc", "warc", PAGE, http_status=status),
        NewCapture(f"{URL}9", SIDECAR_TIME, "warc", "warc", CLOCKLESS, http_status=status),
    ]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(PAGE), [("Content-Encoding", "gzip")]),
        (
            b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE),
            [("Transfer-Encoding", "chunked")],
        ),
        (PAGE, [("Content-Encoding", "gzip")]),
    ],
    ids=["gzip", "chunked", "gzip_in_name_only"],
)
def test_a_response_s_body_is_decoded(
    tmp_path: Path, body: bytes, headers: list[tuple[str, str]]
) -> None:
    (capture,) = captures(warc(tmp_path / "saved.warc.gz", (URL, body, headers)))
    assert capture.body == PAGE


def test_angle_brackets_around_a_url_are_removed(tmp_path: Path) -> None:
    """Some writers of WARC 1.0 put the target between `<` and `>`."""
    (capture,) = captures(warc(tmp_path / "saved.warc", (f"<{URL}>", PAGE, [])))
    assert capture.url == URL


def test_an_oversize_response_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    bomb = gzip.compress(b"0" * 1_000_000)
    file = warc(
        tmp_path / "saved.warc.gz",
        (f"{URL}1", bomb, [("Content-Encoding", "gzip")]),
        (f"{URL}2", b"0" * (MAX_BODY + 1), []),
        (f"{URL}3", PAGE, []),
    )
    assert [f.name for f in failures(file)] == [f"saved.warc.gz:{URL}1", f"saved.warc.gz:{URL}2"]
    assert [one.url for one in found(file) if isinstance(one, NewCapture)] == [f"{URL}3"]


@pytest.mark.parametrize("name", ["saved.warc", "saved.warc.gz"])
def test_a_truncated_warc_never_yields_half_a_page(tmp_path: Path, name: str) -> None:
    pages = [(f"{URL}{number}", PAGE * 3, [("Content-Type", "text/html")]) for number in (1, 2)]
    file = warc(tmp_path / name, *pages)
    whole = file.read_bytes()
    wrong = []
    for size in range(len(whole)):
        file.write_bytes(whole[:size])
        bodies = [one.body for one in found(file) if isinstance(one, NewCapture)]
        if any(body != PAGE * 3 for body in bodies):
            wrong.append(size)
    assert len(whole) > 500
    assert wrong == []


def crawl(*records: tuple[str, str, bytes, str], status: str = "200") -> bytes:
    """Return a crawler's WARC, with each (kind, URL, body, time) as a gzip member."""
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True)
    for kind, url, body, time in records:
        head = StatusAndHeaders(
            f"{status} OK", [("Content-Type", "text/html")], protocol="HTTP/1.1"
        )
        if kind == "revisit":
            record = writer.create_revisit_record(
                url, "sha1:UNKNOWN", URL, "2016-06-15T13:05:00Z", http_headers=head,
                warc_headers_dict={"WARC-Date": time},
            )  # fmt: skip
        else:
            record = writer.create_warc_record(
                url, "response", io.BytesIO(body), len(body), http_headers=head,
                warc_headers_dict={"WARC-Date": time},
            )  # fmt: skip
        writer.write_record(record)
    return stream.getvalue()


FIRST = ("response", URL, PAGE, "2016-06-15T13:05:00Z")
AGAIN = ("revisit", URL, b"", "2016-07-15T13:05:00Z")


def test_a_warc_of_one_gzip_member_is_read(tmp_path: Path) -> None:
    """Some tools compress the file as a whole."""
    plain = gzip.decompress(crawl(FIRST, ("response", f"{URL}9", CLOCKLESS, FIRST[3]), AGAIN))
    file = save(tmp_path / "whole.warc.gz", gzip.compress(plain))
    assert [type(one) for one in found(file)] == [NewCapture, NewCapture, Revisit]


def test_records_before_a_torn_end_are_read(tmp_path: Path) -> None:
    whole = crawl(FIRST, ("response", f"{URL}9", CLOCKLESS, FIRST[3]))
    for cut in (40, 100):
        torn = found(save(tmp_path / f"torn{cut}.warc.gz", whole[:-cut]))
        assert isinstance(torn[0], NewCapture)
        assert [one for one in torn if isinstance(one, RefusedInput)]


@pytest.mark.parametrize("place", [5, 20, 60, 120])
def test_a_damaged_first_record_harms_no_other(tmp_path: Path, place: int) -> None:
    whole = bytearray(crawl(FIRST))
    whole[place] ^= 0xFF
    rest = crawl(("response", f"{URL}9", CLOCKLESS, FIRST[3]))
    everything = found(save(tmp_path / "crawl.warc.gz", bytes(whole) + rest))
    assert [one.url for one in everything if isinstance(one, NewCapture)][-1:] == [f"{URL}9"]


def test_errors_and_redirects_of_a_crawl_are_not_pages(tmp_path: Path) -> None:
    """Errors are reported for URLs of the site only; crawls are full of others."""
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True)
    for url, status in ((URL, "404 Not Found"), ("https://example.org/x", "301 Moved")):
        head = StatusAndHeaders(status, [], protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(url, "response", io.BytesIO(b"gone"), 4, http_headers=head)
        )
    failed, redirect = found(save(tmp_path / "crawl.warc.gz", stream.getvalue()))
    assert redirect == SkippedInput("crawl.warc.gz:https://example.org/x", "a redirect")
    assert isinstance(failed, RefusedInput)
    assert "a response with status 404" in failed.message


@pytest.mark.parametrize("status", ["9" * 20, "9" * 5_000, "999", "0"])
def test_an_invalid_http_status_is_never_archived(tmp_path: Path, status: str) -> None:
    """It would not fit its column, in this or any later run."""
    odd = crawl(("response", URL, CLOCKLESS, "2016-06-16T13:05:00Z"), AGAIN, status=status)
    file = save(tmp_path / "crawl.warc.gz", crawl(FIRST) + odd)
    page, refused, again = found(file)
    assert isinstance(page, NewCapture)
    assert isinstance(refused, RefusedInput)
    assert "which is not a page" in refused.message
    assert isinstance(again, Revisit)
    assert again.http_status is None


def test_an_invalid_warc_is_refused_on_one_short_line(tmp_path: Path) -> None:
    file = save(tmp_path / "junk.warc.gz", bytes(range(128, 256)) * 20)
    (failure,) = failures(file)
    assert failure.name == "junk.warc.gz"
    assert failure.message.isprintable()
    assert len(failure.message) < 300


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2016-06-15T13:05:00Z", SIDECAR_TIME),
        ("2016-06-15T15:05:00+02:00", SIDECAR_TIME),
        ("2016-06-15 13:05", SIDECAR_TIME),
        (" 2016-06-15T13:05:00.999 ", SIDECAR_TIME),
        ("2020-01-02", FILE_TIME),
    ],
)
def test_times_are_parsed_to_utc_and_whole_seconds(text: str, time: datetime) -> None:
    assert parse_time(text) == time


@pytest.mark.parametrize(
    "text", ["", "yesterday", "15 Jun 2016", "2016-13-01", "2016-06-15T25:00", "1465995900"]
)
def test_an_invalid_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_time(text)


@pytest.mark.parametrize("linked", ["page.html", "page.html.json"])
def test_a_symbolic_link_out_of_a_folder_is_not_followed(tmp_path: Path, linked: str) -> None:
    """Else one who can write to an inbox could read any file of its operator."""
    inbox = tmp_path / "inbox"
    save(inbox / "page.html")
    save(inbox / "whole.html")
    (tmp_path / "secret").write_text("secret")
    (inbox / linked).unlink(missing_ok=True)
    (inbox / linked).symlink_to(tmp_path / "secret")
    (inbox / "folder").symlink_to(tmp_path)
    (failure,) = failures(inbox)
    assert failure == RefusedInput("page.html", "a link that leads out of the folder")
    assert [one.url for one in found(inbox) if isinstance(one, NewCapture)] == ["file:whole.html"]


def test_a_symbolic_link_within_a_folder_is_followed(tmp_path: Path) -> None:
    save(tmp_path / "a.html")
    (tmp_path / "b.html").symlink_to(tmp_path / "a.html")
    assert len(captures(tmp_path)) == 2


def test_overlapping_zip_entries_are_refused(tmp_path: Path) -> None:
    """A few kilobytes that thousands of entries share would unpack to terabytes."""
    file = zipped(tmp_path / "pages.zip", {"a.html": PAGE, "b.html": PAGE})
    content = bytearray(file.read_bytes())
    places = [at for at in range(len(content)) if content[at : at + 4] == b"PK\x01\x02"]
    for place in places[1:]:
        content[place + 42 : place + 46] = content[places[0] + 42 : places[0] + 46]
    file.write_bytes(content)
    assert len(captures_of(found(file))) <= 1
    assert any("pages.zip" in failure.name for failure in failures(file))


def captures_of(everything: list[SavedItem]) -> list[NewCapture]:
    return [one for one in everything if isinstance(one, NewCapture)]


_READ_WARC = """
import re, sys
from pathlib import Path
from extractors.captures import RefusedInput
from extractors.archive.saved import read_saved
from extractors.archive.inputs import CaptureOverrides
found = list(read_saved(Path(sys.argv[1]), CaptureOverrides(), 1 << 26))
assert all(isinstance(one, RefusedInput) for one in found), found
status = Path("/proc/self/status").read_text()  # getrusage counts what the parent had, too
print(len(found), int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) // 1024)
"""


@pytest.mark.parametrize(
    "head",
    [
        b"X: ",
        b"Content-Length: 60000000\r\n\r\nHTTP/1.1 200 OK\r\nX: ",
        b"Content-Length: 2000000000\r\n\r\nHTTP/1.1 200 OK\r\nX: ",
        b"Content-Length: 0\r\n\r\n" + b"\r\n" * 500_000,
    ],
    ids=["head of a record", "head of an answer", "answer", "blank lines"],
)  # fmt: skip
def test_a_warc_with_endless_heads_is_refused_in_bounded_time_and_memory(
    tmp_path: Path, head: bytes
) -> None:
    """A line of 150 MB, packed to a kilobyte for each: warcio's time grows as its square."""
    first = b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: 2\r\n\r\nhi\r\n\r\n"
    with gzip.open(tmp_path / "bomb.warc.gz", "wb", compresslevel=1) as file:
        file.write(first + b"WARC/1.1\r\nWARC-Type: response\r\n" + head)
        for _ in range(150):
            file.write(b"a" * 1_000_000)
    done = subprocess.run(
        [sys.executable, "-c", _READ_WARC, tmp_path / "bomb.warc.gz"],
        capture_output=True, text=True, timeout=PATIENCE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (20, 20)), check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stderr[-400:])
    failed, megabytes = map(int, done.stdout.split())
    assert failed >= 1
    assert megabytes < 400

"""Odd but legal WARC files are read; a record that is wrong costs itself only."""

import gzip
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from extractors.captures import NewCapture, RefusedInput
from tests.extractors.archive.warcs import PAGE, URL, answer, captured, crawl, read, record, sha1

WHOLE = record("response", answer())


def head_of(text: str, block: bytes = PAGE) -> bytes:
    """Return a record whose head is this text, and its length."""
    return f"{text}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


RESOURCE = f"WARC-Type: resource\r\nWARC-Target-URI: {URL}\r\nWARC-Date: 2016-06-15T13:05:00Z\r\n"
ODD = {
    "WARC/0.17": WHOLE.replace(b"WARC/1.0", b"WARC/0.17"),
    "WARC/0.18": WHOLE.replace(b"WARC/1.0", b"WARC/0.18"),
    "WARC/1.1": WHOLE.replace(b"WARC/1.0", b"WARC/1.1"),
    "bare line feeds": record("response", answer().replace(b"\r", b"")).replace(b"\r", b""),
    "names in capitals": head_of(f"WARC/1.0\r\n{RESOURCE}".upper().replace(URL.upper(), URL)),
    "names in lower case": head_of(
        f"WARC/1.0\r\n{RESOURCE}".replace("WARC-T", "warc-t").replace("WARC-D", "warc-d")
    ),
    "folded headers": head_of(
        f"WARC/1.0\r\n{RESOURCE}X-Note: one\r\n two\r\n\tthree\r\n".replace("Date: ", "Date:\r\n ")
    ),
    "blanks before a colon": head_of(f"WARC/1.0\r\n{RESOURCE}".replace("Type:", "Type :")),
    "URL in brackets": head_of(f"WARC/1.0\r\n{RESOURCE}".replace(URL, f"<{URL}>")),
    "fractions of a second": head_of(f"WARC/1.1\r\n{RESOURCE}".replace("00Z", "00.123456789Z")),
    "no msgtype": record("response", answer(), Content_Type="application/http"),
    "msgtype without blank": record(
        "response", answer(), Content_Type="application/http;msgtype=response"
    ),
    "no reason": record("response", answer(status="200")),
    "reason without blank": record("response", answer(status="200 ")),
    "HTTP/2": record("response", answer().replace(b"HTTP/1.1", b"HTTP/2")),
    "HTTP/2.0": record("response", answer().replace(b"HTTP/1.1", b"HTTP/2.0")),
    "HTTP/0.9": record("response", PAGE),
    "head with bare line feeds": record("response", b"HTTP/1.0 200 OK\nX: y\n\n" + PAGE),
    "100 Continue": record("response", b"HTTP/1.1 100 Continue\r\n\r\n" + answer()),
    "header without colon": record("response", answer().replace(b"\r\n\r\n", b"\r\nX\r\n\r\n", 1)),
    "resource": record("resource", PAGE, Content_Type="text/html"),
    "resource with a response": record("resource", answer()),
    "no record ID": record("response", answer(), WARC_Record_ID=""),
    "blank lines before it": b"\r\n\r\n" + WHOLE,
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_an_odd_record_is_read_as_any_other(tmp_path: Path, odd: bytes, name: str) -> None:
    file = crawl(tmp_path / name, odd, record("response", answer(), url=f"{URL}/next"))
    capture, last = captured(file)
    assert (capture.url, capture.body, capture.cut_short) == (URL, PAGE, None)
    assert last.body == PAGE


def test_warcio_reads_the_test_s_own_records(tmp_path: Path) -> None:
    """Else the tests would show only that two mistakes of ours agree."""
    file = crawl(tmp_path / "crawl.warc.gz", WHOLE)
    with file.open("rb") as stream:
        found = next(iter(ArchiveIterator(stream, check_digests="raise")))
        assert found.content_stream().read() == PAGE


@pytest.mark.parametrize("size", [100, 700, 5000])
def test_a_file_compressed_in_blocks_of_a_size_is_read(tmp_path: Path, size: int) -> None:
    plain = WHOLE + record("response", answer(), url=f"{URL}/2")
    file = tmp_path / "crawl.warc.gz"
    blocks = (plain[at : at + size] for at in range(0, len(plain), size))
    file.write_bytes(b"".join(map(gzip.compress, blocks)))
    assert [one.url for one in captured(file)] == [URL, f"{URL}/2"]


def test_several_records_in_a_member_are_read(tmp_path: Path) -> None:
    pairs = [WHOLE + record("response", answer(), url=f"{URL}/{n}") for n in range(2)]
    assert len(captured(crawl(tmp_path / "crawl.warc.gz", *pairs))) == 4


WRONG = {
    "length too short": record("response", answer(), Content_Length="60"),
    "length too long": record("response", answer(), Content_Length="400"),
    "no length": record("response", answer(), Content_Length=""),
    "negative length": record("response", answer(), Content_Length="-5"),
    "no time": record("response", answer(), WARC_Date=""),
    "wrong time": record("response", answer(), WARC_Date="yesterday"),
    "no URL": record("response", answer(), url=""),
    "garbage between records": b"\x00\x01garbage\r\n" * 20,
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_record_costs_itself_only(tmp_path: Path, wrong: bytes) -> None:
    """In an uncompressed file, where nothing but its length tells where the next begins."""
    last = record("response", answer(), url=f"{URL}/last")
    found = read(crawl(tmp_path / "crawl.warc", WHOLE, wrong, WHOLE, last))
    pages = [one for one in found if isinstance(one, NewCapture)]
    assert [one.url for one in (pages[0], pages[-1])] == [URL, f"{URL}/last"]
    assert all(one.body == PAGE for one in pages if one.cut_short is None)
    assert [one for one in found if isinstance(one, RefusedInput)]


@pytest.mark.parametrize(
    ("digest", "cut_short"), [("", "length"), (sha1(PAGE), None)], ids=["unproven", "proven"]
)
def test_a_record_before_bytes_that_are_none_is_cut_short_unless_its_digest_proves_it_whole(
    tmp_path: Path, digest: str, cut_short: str | None
) -> None:
    """Its length may be too small: then the bytes are the rest of its page, behind blank lines."""
    before = record("response", answer(), WARC_Payload_Digest=digest)
    found = read(crawl(tmp_path / "crawl.warc", before, b"FAO 100\r\n", WHOLE))
    pages = [(one.body, one.cut_short) for one in found if isinstance(one, NewCapture)]
    assert pages == [(PAGE, cut_short), (PAGE, None)]
    assert len([one for one in found if isinstance(one, RefusedInput)]) == 1


def test_a_record_never_reaches_into_the_next_one(tmp_path: Path) -> None:
    """Else a programme would get the figures of another."""
    long = record("response", answer(), Content_Length=str(len(answer()) + 300))
    found = read(crawl(tmp_path / "crawl.warc", long, WHOLE, WHOLE, WHOLE))
    assert isinstance(found[0], RefusedInput)
    assert "its length is wrong" in found[0].message


@pytest.mark.parametrize("flags", ["", "id_", "if_"])
def test_a_page_of_a_web_archive_is_as_old_as_its_capture_there(tmp_path: Path, flags: str) -> None:
    replay = f"https://web.archive.org/web/20120501101500{flags}/{URL}"
    block = answer(Date="Wed, 15 Jun 2016 13:05:00 GMT")
    (capture,) = captured(crawl(tmp_path / "x.warc.gz", record("response", block, url=replay)))
    assert (capture.url, str(capture.captured_at)) == (URL, "2012-05-01 10:15:00")
    assert capture.captured_at_source == "memento"
    assert "date" not in {name.lower() for name, _ in capture.headers}

"""Files are known by their content: archives under any name, and what is no page."""

import io
import os
import zipfile
from pathlib import Path

import pytest
from backports import zstd

from extractors.archive.inputs import InputRefusedError
from extractors.archive.unpack import Allowance
from extractors.captures import NewCapture
from tests.extractors.archive.saved_files import (
    MAX_BODY,
    OTHER,
    OTHER_URL,
    PAGE,
    PNG,
    URL,
    arc,
    bodies,
    gzipped,
    read,
    refused,
    skipped,
    warc,
    write,
    zipped,
    zstandard,
)

TWO = {URL: PAGE, OTHER_URL: OTHER}
WARC, WARC_GZ, ARC = warc(TWO, zipped=False), warc(TWO, zipped=True), arc(TWO)
RECORDS = [warc({url: body}, zipped=False) for url, body in TWO.items()]
DICTIONARY = zstd.train_dict(
    [record + str(n).encode() for record in RECORDS for n in range(99)], 999
)

ARCHIVES = {
    "page.html": WARC,
    "crawl.bin": WARC_GZ,
    "crawl.arc": ARC,
    "crawl.txt": ARC,
    "version_2.arc": arc(TWO, version=2),
    "crawl.arc.gz": gzipped(ARC),
    "crawl.warc.zst": zstandard(RECORDS),
    "with_dictionary.warc.zst": zstandard(RECORDS, DICTIONARY),
    "crawl.zip": zipped({"data/crawl.warc.gz": WARC_GZ}),
    "arc.zip": zipped({"crawl.arc": ARC}),
    "crawl.wacz": zipped(
        {"archive/data.warc.gz": WARC_GZ, "datapackage.json": b"{}", "pages/pages.jsonl": b"{}"}
    ),
    "of_wacz.zip": zipped(
        {"a.wacz": zipped({"archive/data.warc.gz": WARC_GZ, "datapackage.json": b"{}"})}
    ),
    "without_suffix": zipped({"inner": zipped({"crawl.warc": WARC})}),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_of_pages_is_read_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    found = read(write(tmp_path / name, ARCHIVES[name]))
    assert bodies(found) == TWO
    assert refused(found) == {}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html.gz", gzipped(PAGE)),
        ("page.txt.zst", zstd.compress(b"a page as text")),
        ("view.xls", zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""})),
        ("page.warc", PAGE),
    ],
)
def test_a_page_is_read_whatever_it_is_packed_in(tmp_path: Path, name: str, content: bytes) -> None:
    found = read(write(tmp_path / name, content))
    assert len(bodies(found)) == len(found) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.4", "a PDF document"),
        (b"\0" * 257 + b"ustar\x0000" + b"\0" * 300, "unpack it first"),
        (b"7z\xbc\xaf\x27\x1c", "unpack it first"),
        (b"Rar!\x1a\x07\x00", "unpack it first"),
        (b"bplist00", "save the page as HTML"),
        (zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "OpenDocument"),
        (PNG, "a PNG picture"),
    ],
)
def test_what_is_no_page_is_refused_by_what_it_is(
    tmp_path: Path, content: bytes, said: str
) -> None:
    found = read(write(tmp_path / "saved.dat", content))
    assert list(refused(found)) == ["saved.dat"]
    assert said in refused(found)["saved.dat"]


def test_a_zstandard_file_without_its_dictionary_is_refused(tmp_path: Path) -> None:
    frames = b"".join(zstd.compress(record, zstd_dict=DICTIONARY) for record in RECORDS)
    found = read(write(tmp_path / "crawl.warc.zst", frames))
    assert bodies(found) == {}
    assert "Dictionary mismatch" in refused(found)["crawl.warc.zst"]


@pytest.mark.parametrize("name", ["crawl.arc.gz", "crawl.warc.zst"])
def test_records_before_a_cut_are_read_and_the_cut_is_named(tmp_path: Path, name: str) -> None:
    noise = os.urandom(3_000)
    records = [warc({url: body}, zipped=False) for url, body in ((URL, PAGE), (OTHER_URL, noise))]
    packed = gzipped(arc({URL: PAGE, OTHER_URL: noise}))
    if name.endswith("zst"):
        packed = zstandard(records)
    found = read(write(tmp_path / name, packed[:-1_000]))
    assert bodies(found).get(URL) == PAGE
    assert noise not in bodies(found).values()
    assert "cut short" in refused(found)[name]


def test_a_page_cut_short_in_its_gzip_file_is_a_capture_that_is_cut_short(tmp_path: Path) -> None:
    whole = PAGE + os.urandom(999).hex().encode()
    (found,) = read(write(tmp_path / "page.html.gz", gzipped(whole)[:-40]))
    assert isinstance(found, NewCapture)
    assert found.cut_short == "length"
    assert whole.startswith(found.body)
    assert len(found.body) < len(whole)


@pytest.mark.parametrize("name", ["page.html.gz", "crawl.arc.gz", "page.html.zst"])
def test_nothing_of_a_damaged_file_is_read(tmp_path: Path, name: str) -> None:
    """A flipped bit may be a digit; which one, the sum at the end does not tell."""
    plain = PAGE * 9 if name.startswith("page") else arc(TWO)
    checked = {int(zstd.CompressionParameter.checksum_flag): 1}
    packed = gzipped(plain) if name.endswith("gz") else zstd.compress(plain, options=checked)
    found = read(write(tmp_path / name, packed[:-6] + bytes([packed[-6] ^ 1]) + packed[-5:]))
    found += read(write(tmp_path / name, packed[:-2] + bytes([packed[-2] ^ 1]) + packed[-1:]))
    assert bodies(found) == {}
    assert [type(one).__name__ for one in found] == ["RefusedInput"] * 2


@pytest.mark.parametrize(
    ("before", "lost"),
    [(b"", URL), (b"http", URL), (b"\nhttp", OTHER_URL)],
    ids=["behind a record", "in the middle of a record", "at the end"],
)
def test_an_arc_file_loses_what_is_no_record_and_the_record_before(
    tmp_path: Path, before: bytes, lost: str
) -> None:
    """That record has a wrong length, so that it may lack rows at its end."""
    whole = arc(TWO)
    place = whole.index(f"\n{OTHER_URL}".encode()) if lost == URL else len(whole)
    broken = whole[:place] + before + b"\nno record\nat all" + whole[place:]
    found = read(write(tmp_path / "crawl.arc", broken))
    assert bodies(found) == {url: body for url, body in TWO.items() if url != lost}
    (name,) = refused(found)
    assert name.startswith("crawl.arc, bytes ")


def test_an_arc_record_of_an_error_or_of_a_name_server_is_no_page(tmp_path: Path) -> None:
    content = arc({"dns:mptf.undp.org": b"1.2.3.4"}) + arc(
        {"https://example.org/": b"gone"}, status="404 Not Found"
    )
    assert read(write(tmp_path / "crawl.arc", content)) == []


@pytest.mark.parametrize("pack", [gzipped, zstd.compress, lambda content: zipped({"a": content})])
def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path, pack: object) -> None:
    """A WARC of one endless record in a kilobyte; and a page larger than any."""
    assert callable(pack)
    found = read(write(tmp_path / "bomb", pack(b"<p>" + b"0" * 5_000_000)))
    assert bodies(found) == {}
    assert f"{MAX_BODY:,} bytes" in next(iter(refused(found).values()))


def test_no_more_is_unpacked_than_a_gigabyte_and_a_hundred_times_the_file() -> None:
    allowance = Allowance(packed_bytes=7)
    allowance.take(2**30 + 700)
    with pytest.raises(InputRefusedError, match="unpacks to more than"):
        allowance.take(1)


def test_a_file_packed_too_often_is_refused(tmp_path: Path) -> None:
    content = PAGE
    for _ in range(5):
        content = gzipped(content)
    found = read(write(tmp_path / "page", content))
    assert "packed in more than" in refused(found)["page"]


def test_parts_of_a_saved_page_are_skipped(tmp_path: Path) -> None:
    """A browser saves a page with its pictures, style sheets and frames in a folder beside it."""
    write(tmp_path / "page.html", PAGE)
    for name in ("a.png", "style.css", "code.js.download", "frame.htm", "font.woff2", "x.pdf"):
        write(tmp_path / "page_files" / name, b"%PDF" if name == "x.pdf" else b"x")
    write(tmp_path / "logo.png", PNG)
    write(tmp_path / "style.css?v=2", b"p {}")
    for path in (tmp_path, write(tmp_path.parent / "saved.zip", _as_zip(tmp_path))):
        found = read(path)
        assert list(bodies(found).values()) == [PAGE]
        assert len(skipped(found)) == 8
        assert refused(found) == {}


def _as_zip(folder: Path) -> bytes:
    files = (path for path in folder.rglob("*") if path.is_file())
    return zipped({str(path.relative_to(folder)): path.read_bytes() for path in files})


def test_the_sheets_of_a_workbook_saved_as_a_web_page_are_pages(tmp_path: Path) -> None:
    """Excel's `book.htm` is a frameset, and its figures are in `book_files`."""
    write(tmp_path / "book.htm", b"<html><frameset><frame src=book_files/sheet001.htm></frameset>")
    write(tmp_path / "book_files" / "sheet001.htm", PAGE)
    write(tmp_path / "book_files" / "tabstrip.htm", OTHER)
    assert PAGE in bodies(read(tmp_path)).values()
    assert OTHER not in bodies(read(tmp_path)).values()


def test_a_folder_like_a_page_s_without_the_page_is_a_folder_of_pages(tmp_path: Path) -> None:
    write(tmp_path / "saved_files" / "page.html", PAGE)
    assert list(bodies(read(tmp_path)).values()) == [PAGE]


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_damaged_entry_of_a_zip_costs_that_entry(tmp_path: Path, method: int) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("bad.html", bytes(range(256)))
        archive.writestr("good.html", PAGE)
    content = bytearray(stream.getvalue())
    content[50:60] = bytes(byte ^ 0xFF for byte in content[50:60])
    found = read(write(tmp_path / "pages.zip", bytes(content)))
    assert list(bodies(found).values()) == [PAGE]
    assert list(refused(found)) == ["pages.zip:bad.html"]


def test_an_entry_of_a_zip_without_a_name_is_a_page(tmp_path: Path) -> None:
    found = read(write(tmp_path / "pages.zip", zipped({"": PAGE, "b": OTHER})))
    assert sorted(bodies(found).values()) == sorted([PAGE, OTHER])


def test_an_empty_archive_is_refused(tmp_path: Path) -> None:
    found = read(write(tmp_path / "empty.warc.gz", b""))
    assert refused(found) == {"empty.warc.gz": "the file is empty"}

"""Saved files for tests: pages in archives of every kind."""

import gzip
import io
import os
import struct
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from backports import zstd
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from extractors.archive.inputs import CaptureOverrides, SavedItem
from extractors.archive.saved import read_saved
from extractors.captures import NewCapture, RefusedInput, SkippedInput

URL = "https://mptf.undp.org/factsheet/project/00091001"
OTHER_URL = "https://mptf.undp.org/factsheet/project/00091002"
PAGE, OTHER = b"<p>one page</p>", b"<p>another page</p>"
MAX_BODY = 10_000
PNG = b"\x89PNG\r\n\x1a\n"


def write(path: Path, content: bytes) -> Path:
    """Write a file of 2020-01-02, and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (1577923200, 1577923200))
    return path


def warc(pages: Mapping[str, bytes], *, zipped: bool) -> bytes:
    """Return a WARC with an answer for each URL, of 15 June 2016."""
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=zipped)
    for url, body in pages.items():
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        dated = {"WARC-Date": "2016-06-15T13:05:00Z"}
        writer.write_record(
            writer.create_warc_record(
                url, "response", io.BytesIO(body), len(body), http_headers=head,
                warc_headers_dict=dated,
            )
        )  # fmt: skip
    return stream.getvalue()


def arc(pages: Mapping[str, bytes], *, version: int = 1, status: str = "200 OK") -> bytes:
    """Return an ARC file with an answer for each URL, of 15 June 2016."""
    fields = "URL IP-address Archive-date Content-type Archive-length"
    about = f"{version} 0 InternetArchive\n{fields}\n\n".encode()
    content = b"filedesc://x.arc 0.0.0.0 20160615130500 text/plain %d\n%s" % (len(about), about)
    for url, body in pages.items():
        answer = b"HTTP/1.1 %s\r\nContent-Type: text/html\r\n\r\n%s" % (status.encode(), body)
        more = " 200 - - 0 x.arc" if version > 1 else ""
        head = f"\n{url} 1.2.3.4 20160615130500 text/html{more} {len(answer)}\n"
        content += head.encode() + answer
    return content + b"\n"


def zstandard(records: Iterable[bytes], dictionary: zstd.ZstdDict | None = None) -> bytes:
    """Return a frame for each record, with the dictionary in a frame before them."""
    frames = b"".join(zstd.compress(record, zstd_dict=dictionary) for record in records)
    if dictionary is None:
        return frames
    content = zstd.compress(dictionary.dict_content)
    return struct.pack("<II", 0x184D2A5D, len(content)) + content + frames


def zipped(entries: Mapping[str, bytes]) -> bytes:
    """Return a zip of these entries."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2018, 3, 4, 5, 6, 8)), content)
    return stream.getvalue()


def gzipped(content: bytes) -> bytes:
    """Return the content as one gzip member."""
    return gzip.compress(content, mtime=0)


def read(path: Path, max_body: int = MAX_BODY) -> list[SavedItem]:
    """Return everything that is found under a path."""
    return list(read_saved(path, CaptureOverrides(), max_body))


def bodies(items: Iterable[SavedItem]) -> dict[str, bytes]:
    """Return the body of each capture, by its URL."""
    return {item.url: item.body for item in items if isinstance(item, NewCapture)}


def refused(items: Iterable[SavedItem]) -> dict[str, str]:
    """Return the message of each refusal, by the name of what is refused."""
    return {item.name: item.message for item in items if isinstance(item, RefusedInput)}


def skipped(items: Iterable[SavedItem]) -> list[str]:
    """Return the names of what was skipped."""
    return [item.name for item in items if isinstance(item, SkippedInput)]

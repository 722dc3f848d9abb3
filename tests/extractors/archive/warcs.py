"""WARC records as other programs write them: made by hand, because warcio writes only good ones."""

import base64
import gzip
import hashlib
from pathlib import Path

from extractors.archive.foreign.revisits import Revisits
from extractors.archive.inputs import CaptureOverrides, SavedItem
from extractors.archive.saved import read_saved
from extractors.captures import NewCapture, RefusedInput, RevisitCapture, SkippedInput

URL = "https://mptf.undp.org/factsheet/project/00067193"
JUNE, JULY, AUGUST = "2016-06-15T13:05:00Z", "2016-07-15T13:05:00Z", "2016-08-15T13:05:00Z"
PAGE = b"<html><body><h3>Project Factsheet</h3><p>Project ID: 00067193</p></body></html>"
OTHER_PAGE = PAGE.replace(b"Project ID", b"Project  ID")
MAX_BODY = 1 << 20


def record(
    kind: str, block: bytes = b"", /, *, url: str = URL, date: str = JUNE, **headers: str
) -> bytes:
    """Return a record; `WARC_Refers_To="x"` is a header, and replaces one of the usual ones."""
    fields = {
        "WARC-Type": kind,
        "WARC-Target-URI": url,
        "WARC-Date": date,
        "WARC-Record-ID": f"<urn:uuid:{hashlib.md5(block + date.encode() + url.encode()).hexdigest()}>",  # noqa: E501, S324
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block)),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"WARC/1.0\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def answer(body: bytes = PAGE, status: str = "200 OK", **headers: str) -> bytes:
    """Return an HTTP response, the block of a `response` record."""
    fields = {"Content-Type": "text/html"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def sha1(body: bytes) -> str:
    """Return a digest as most crawlers write it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body).digest()).decode()  # noqa: S324


def crawl(path: Path, *records: bytes) -> Path:
    """Write a file with a gzip member for each record, or none if its name says so."""
    is_gzip = path.suffix == ".gz"
    path.write_bytes(b"".join(gzip.compress(one) if is_gzip else one for one in records))
    return path


def read(*paths: Path) -> list[SavedItem]:
    """Return what some files hold, in order."""
    return [item for path in paths for item in read_saved(path, CaptureOverrides(), MAX_BODY)]


def captured(*paths: Path) -> list[NewCapture]:
    """Return the captures in some files, which hold nothing else."""
    found = read(*paths)
    assert all(isinstance(item, NewCapture) for item in found), found
    return [item for item in found if isinstance(item, NewCapture)]


def refusals(*paths: Path) -> list[str]:
    """Return why records were refused."""
    return [item.message for item in read(*paths) if isinstance(item, RefusedInput)]


def skips(*paths: Path) -> list[str]:
    """Return what was skipped."""
    return [item.what for item in read(*paths) if isinstance(item, SkippedInput)]


def resolved(*paths: Path) -> list[NewCapture | RevisitCapture | RefusedInput | SkippedInput]:
    """Return what some files hold, revisits with their bodies; the archive is empty."""
    revisits = Revisits()
    items = (item for path in paths for item in read_saved(path, CaptureOverrides(), MAX_BODY))
    first = list(revisits.resolved(items))
    return first + list(revisits.rest(lambda _: None))

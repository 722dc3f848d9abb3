"""Captures from WARC files that other programs wrote, maybe compressed, cut or damaged.

warcio reads a header of any length, in time that grows as the square of the length, and a
compressed megabyte may hold a line of a gigabyte. So this module cuts out the records itself, and
passes only those whose heads have a normal size to warcio.
"""

import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.recordloader import ArcWarcRecord

from extractors.archive.inputs import (
    READ_ERRORS,
    CaptureOverrides,
    FindBody,
    InputRefusedError,
    KnownBody,
    SavedItem,
    check_size,
    checked_url,
    short,
)
from extractors.archive.warc import (
    HTTP_STATUS,
    MAX_HEAD_BYTES,
    NOT_A_CAPTURE,
    Member,
    members,
    parse_time,
)
from extractors.captures import NewCapture, RefusedInput, RevisitCapture
from extractors.ids import subject_of

_CHUNK = 1 << 16
_GZIP_MAGIC = b"\x1f\x8b"
_HTTP_OK = "200"
_LENGTH = re.compile(
    rb"^content-length:[ \t]*([0-9]{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
_HAS_HTTP_HEAD = re.compile(
    rb"^warc-type:[ \t]*(?:response|request|revisit)\b", re.IGNORECASE | re.MULTILINE
)
_END_OF_HEAD = re.compile(rb"\n\r?\n")


def read_warc(
    path: Path, overrides: CaptureOverrides, max_body_bytes: int, find_body: FindBody
) -> Iterator[SavedItem]:
    """Yield every capture of a file, in its order, and a `RefusedInput` for each bad record.

    `find_body` finds the body of a revisit that the file itself does not hold.
    """
    bodies = _Bodies(find_body)
    for record in _records(path, max_body_bytes):
        if isinstance(record, RefusedInput):
            yield record
            continue
        if record.rec_type not in {"response", "resource", "revisit"}:
            continue
        if record.rec_headers.get_header(NOT_A_CAPTURE) is not None:
            continue  # robots.txt, a redirect or an error in an archive of this program
        url = record.rec_headers.get_header("WARC-Target-URI") or ""
        if _is_error(record) and subject_of(url) is None:
            continue  # a crawl's redirect or error at a URL that is not a page of the site
        try:
            yield _capture(record, url, overrides, max_body_bytes, bodies)
        except READ_ERRORS as error:
            yield RefusedInput(f"{path.name}:{url}", short(error))


def _records(path: Path, max_body_bytes: int) -> Iterator[ArcWarcRecord | RefusedInput]:
    """Yield the records of a file, and a `RefusedInput` for each damaged or torn one."""
    for name, stream in _streams(path, max_body_bytes):
        if isinstance(stream, RefusedInput):
            yield stream
            continue
        for record in _split_records(stream, max_body_bytes):
            if record.content is None:
                where = f"{name}, bytes {record.offset}-{record.end}"
                yield RefusedInput(where, record.problem or "unreadable")
            else:
                yield from ArchiveIterator(io.BytesIO(record.content))


def _streams(path: Path, max_body_bytes: int) -> Iterator[tuple[str, BinaryIO | RefusedInput]]:
    """Yield uncompressed streams of records, each with a name for messages.

    Usually each record is a gzip member; a file that is a single member is one stream.
    """
    with path.open("rb") as file:
        is_gzip = file.read(2) == _GZIP_MAGIC
        file.seek(0)
        if not is_gzip:
            yield path.name, file
        elif _is_one_member(path):
            yield path.name, cast("BinaryIO", gzip.GzipFile(fileobj=file))
        else:
            for member in members(path, max_body_bytes + MAX_HEAD_BYTES):
                name = f"{path.name}, bytes {member.offset}-{member.end}"
                if member.content is None:
                    yield name, RefusedInput(name, member.problem or "unreadable")
                else:
                    yield name, io.BytesIO(member.content)


def _is_one_member(path: Path) -> bool:
    """Detect a second record in the first member: some tools compress a file as a whole."""
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    with path.open("rb") as file:
        try:
            start = inflate.decompress(file.read(MAX_HEAD_BYTES), MAX_HEAD_BYTES)
        except zlib.error:  # the first member is damaged; the later ones may be whole
            return False
    return b"\r\n\r\nWARC/1." in start


def _split_records(stream: BinaryIO, max_body_bytes: int) -> Iterator[Member]:
    """Yield the records of a stream, each with its position in bytes.

    A record whose body or head is too large is yielded without content. A record that the end of
    the stream cuts off is yielded as it is, for `_decode_body` to refuse. A record without a
    readable length ends the reading.

    Raises:
        ValueError: there is something else where a record should begin.
    """
    max_bytes = max_body_bytes + MAX_HEAD_BYTES
    position = 0
    while True:
        blank_bytes, head = _read_head(stream)
        start = position + blank_bytes
        if not head:
            return
        if not head.startswith(b"WARC/"):
            raise ValueError(f"no WARC record at byte {start}: {head[:20]!r}")
        match = _LENGTH.search(head)
        if match is None or _END_OF_HEAD.search(head) is None:
            yield Member(start, start + len(head), None, "a record whose head has no end or length")
            return
        length = int(match[1])
        content = head + stream.read(min(length, max_bytes))
        unread = length - (len(content) - len(head))
        position = start + len(content) + _skip(stream, unread)
        if length > max_bytes:
            yield Member(
                start, position, None, f"larger than {max_body_bytes:,} bytes, which no page is"
            )
        elif _HAS_HTTP_HEAD.search(head) and not _has_short_http_head(content, len(head)):
            yield Member(start, position, None, "an HTTP head longer than any response's")
        else:
            yield Member(start, position, content, None)


def _read_head(stream: BinaryIO) -> tuple[int, bytes]:
    """Skip blank lines and read a record's head, up to its final blank line.

    Returns the number of bytes skipped, and the head: empty at the end of the stream, and without
    the final blank line if it is too long.

    Raises:
        ValueError: more blank lines than there are between any records.
    """
    blank_bytes = 0
    line = stream.readline(MAX_HEAD_BYTES)
    while line in {b"\r\n", b"\n"}:
        blank_bytes += len(line)
        if blank_bytes > MAX_HEAD_BYTES:
            raise ValueError("nothing but blank lines where a WARC record should be")
        line = stream.readline(MAX_HEAD_BYTES)
    head = bytearray(line)
    while line not in {b"", b"\r\n", b"\n"} and len(head) < MAX_HEAD_BYTES:
        line = stream.readline(MAX_HEAD_BYTES)
        head += line
    return blank_bytes, bytes(head)


def _has_short_http_head(content: bytes, start: int) -> bool:
    """Check that the HTTP head ends in time; one without a body may lack the final blank line."""
    beginning = content[start : start + MAX_HEAD_BYTES]
    return len(content) - start < MAX_HEAD_BYTES or _END_OF_HEAD.search(beginning) is not None


def _skip(stream: BinaryIO, count: int) -> int:
    skipped = 0
    while skipped < count and (chunk := stream.read(min(_CHUNK, count - skipped))):
        skipped += len(chunk)
    return skipped


class _Bodies:
    """The bodies in a file's records, for the revisits that refer to them."""

    def __init__(self, find_body: FindBody) -> None:
        self._find_body = find_body
        self._by_capture: dict[tuple[str, datetime], KnownBody] = {}
        self._by_digest: dict[str, KnownBody] = {}

    def add(self, record: ArcWarcRecord, url: str, body: bytes) -> None:
        """Add the body of a record."""
        known = KnownBody(hashlib.sha256(body).hexdigest(), len(body))
        self._by_capture[url, _record_time(record)] = known
        if digest := record.rec_headers.get_header("WARC-Payload-Digest"):
            self._by_digest[digest] = known

    def find(self, record: ArcWarcRecord) -> KnownBody:
        """Return the body that a revisit record refers to.

        Raises:
            InputRefusedError: neither the file nor the archive has it.
        """
        header = record.rec_headers.get_header
        url, date = header("WARC-Refers-To-Target-URI"), header("WARC-Refers-To-Date")
        known = self._by_digest.get(header("WARC-Payload-Digest") or "")
        if known is None and url and date:
            capture = (checked_url(url), parse_time(date))
            known = self._by_capture.get(capture) or self._find_body(*capture)
        if known is None:
            raise InputRefusedError(
                "a revisit record of a page that was not archived:"
                " ingest the file that holds the page first"
            )
        return known


def _is_error(record: ArcWarcRecord) -> bool:
    """Return whether a response has a status other than 200, even one that HTTP does not have."""
    status = _printed_status(record)
    return record.rec_type == "response" and status.isdecimal() and status != _HTTP_OK


def _printed_status(record: ArcWarcRecord) -> str:
    status: str | None = record.http_headers.get_statuscode() if record.http_headers else None
    return status or ""


def _record_time(record: ArcWarcRecord) -> datetime:
    return parse_time(record.rec_headers.get_header("WARC-Date") or "")


def _capture(
    record: ArcWarcRecord,
    url: str,
    overrides: CaptureOverrides,
    max_body_bytes: int,
    bodies: _Bodies,
) -> NewCapture | RevisitCapture:
    printed = _printed_status(record)
    status = int(printed) if HTTP_STATUS.fullmatch(printed) else None
    headers = tuple(record.http_headers.headers) if record.http_headers else ()
    captured_at = overrides.captured_at or _record_time(record)
    time_source = "option" if overrides.captured_at else "warc"
    capture_url = checked_url(overrides.url or url)
    if record.rec_type == "revisit":
        known = bodies.find(record)
        return RevisitCapture(
            capture_url, captured_at, time_source, "warc", known.body_sha256, known.body_bytes,
            status, headers, known.cut_short,
        )  # fmt: skip
    if _is_error(record):
        raise InputRefusedError(f"a response with status {printed[:20]}, which is not a page")
    body = _decode_body(record, max_body_bytes)
    bodies.add(record, checked_url(url), body)
    return NewCapture(capture_url, captured_at, time_source, "warc", body, status, headers)


def _decode_body(record: ArcWarcRecord, max_body_bytes: int) -> bytes:
    """Return the decoded body of a record; unlike warcio's own stream, refuse one cut short."""
    header = record.http_headers.get_header if record.http_headers else lambda _: None
    stream = record.raw_stream
    if "chunked" in (header("Transfer-Encoding") or "").lower():
        stream = ChunkedDataReader(stream)
    body: bytes = stream.read(max_body_bytes + 1)
    check_size(len(body), max_body_bytes)
    length = record.rec_headers.get_header("Content-Length") or ""
    if not length.isdecimal() or getattr(record.raw_stream, "limit", 1) > 0:
        raise InputRefusedError("the record is cut short")
    encoding = (header("Content-Encoding") or "").strip().lower()
    if encoding in {"gzip", "x-gzip"} and body.startswith(_GZIP_MAGIC):
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        body = inflate.decompress(body, max_body_bytes + 1)
        check_size(len(body), max_body_bytes)
        if not inflate.eof:
            raise InputRefusedError("the body is cut short")
    elif encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise InputRefusedError(f"unsupported content encoding: {encoding!r}")
    return body

"""Captures out of WARC files that others wrote, and maybe compressed, cut or damaged."""

import gzip
import hashlib
import io
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
    KnownBody,
    SavedItem,
    UnusableError,
    check_size,
    checked_url,
    short,
)
from extractors.archive.plain_warc import plain_records
from extractors.archive.warc import HEADS_ROOM, NOT_A_CAPTURE, STATUS, members, parse_time
from extractors.captures import NewCapture, NotCaptured, RevisitCapture
from extractors.ids import subject_of

_GZIP = b"\x1f\x8b"
_WHOLE_PAGE = "200"  # the one status of a page that is there


def captures_of(
    path: Path, given: CaptureOverrides, limit: int, held: FindBody
) -> Iterator[SavedItem]:
    """Every capture of a file, in its order; a record that cannot be taken is a failure of its own.

    `limit` is the most bytes of a body; `held` finds what a record only refers to.
    """
    bodies = _Bodies(held)
    for record in _records(path, limit):
        if isinstance(record, NotCaptured):
            yield record
            continue
        if record.rec_type not in {"response", "resource", "revisit"}:
            continue
        if record.rec_headers.get_header(NOT_A_CAPTURE) is not None:
            continue  # of an archive of ours: robots.txt, a redirect, an error
        url = record.rec_headers.get_header("WARC-Target-URI") or ""
        if _is_error(record) and subject_of(url) is None:
            continue  # a crawl's redirect or error at an address that is no page of the site
        try:
            yield _from_record(record, url, given, limit, bodies)
        except READ_ERRORS as error:
            yield NotCaptured(f"{path.name}:{url}", short(error))


def _records(path: Path, limit: int) -> Iterator[ArcWarcRecord | NotCaptured]:
    """The records of a file, compressed or not; a damaged or torn one by name, and those after it.

    As a rule each record is a gzip member of its own; a file of one member is read as a stream.
    """
    for name, part in _parts(path, limit):
        if isinstance(part, NotCaptured):
            yield part
            continue
        for record in plain_records(part, limit):
            if record.content is None:
                where = f"{name}, bytes {record.offset}-{record.end}"
                yield NotCaptured(where, record.problem or "unreadable")
            else:
                yield from ArchiveIterator(io.BytesIO(record.content))


def _parts(path: Path, limit: int) -> Iterator[tuple[str, BinaryIO | NotCaptured]]:
    """What holds records one behind the other, as far as it can be unpacked, and its name."""
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
        file.seek(0)
        if not packed:
            yield path.name, file
        elif _is_one_member(path):
            yield path.name, cast("BinaryIO", gzip.GzipFile(fileobj=file))
        else:
            for member in members(path, limit + HEADS_ROOM):
                name = f"{path.name}, bytes {member.offset}-{member.end}"
                if member.content is None:
                    yield name, NotCaptured(name, member.problem or "unreadable")
                else:
                    yield name, io.BytesIO(member.content)


def _is_one_member(path: Path) -> bool:
    """Whether the first member goes on after its first record: some tools compress a file whole."""
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    with path.open("rb") as file:
        try:
            first = inflate.decompress(file.read(HEADS_ROOM), HEADS_ROOM)
        except zlib.error:  # damaged, and the members behind it need not be
            return False
    return b"\r\n\r\nWARC/1." in first


class _Bodies:
    """The bodies that a file's records hold, for those that only refer to them."""

    def __init__(self, held: FindBody) -> None:
        self._held = held
        self._by_place: dict[tuple[str, datetime], KnownBody] = {}
        self._by_digest: dict[str, KnownBody] = {}

    def keep(self, record: ArcWarcRecord, url: str, body: bytes) -> None:
        """Note what a record holds."""
        found = KnownBody(hashlib.sha256(body).hexdigest(), len(body))
        self._by_place[url, _record_time(record)] = found
        if digest := record.rec_headers.get_header("WARC-Payload-Digest"):
            self._by_digest[digest] = found

    def of(self, record: ArcWarcRecord) -> KnownBody:
        """What a revisit record refers to."""
        header = record.rec_headers.get_header
        url, date = header("WARC-Refers-To-Target-URI"), header("WARC-Refers-To-Date")
        found = self._by_digest.get(header("WARC-Payload-Digest") or "")
        if found is None and url and date:
            place = (checked_url(url), parse_time(date))
            found = self._by_place.get(place) or self._held(*place)
        if found is None:
            raise UnusableError(
                "a revisit record, and the page that it refers to is not there:"
                " take in the file that holds it first"
            )
        return found


def _is_error(record: ArcWarcRecord) -> bool:
    """Whether an answer says that it is no page; what it says need be no status that there is."""
    status = _printed_status(record)
    return record.rec_type == "response" and status.isdecimal() and status != _WHOLE_PAGE


def _printed_status(record: ArcWarcRecord) -> str:
    status: str | None = record.http_headers.get_statuscode() if record.http_headers else None
    return status or ""


def _status(record: ArcWarcRecord) -> int | None:
    status = _printed_status(record)
    return int(status) if STATUS.fullmatch(status) else None


def _record_time(record: ArcWarcRecord) -> datetime:
    return parse_time(record.rec_headers.get_header("WARC-Date") or "")


def _from_record(
    record: ArcWarcRecord, url: str, given: CaptureOverrides, limit: int, bodies: _Bodies
) -> NewCapture | RevisitCapture:
    http_status = _status(record)
    headers = tuple(record.http_headers.headers) if record.http_headers else ()
    captured_at = given.captured_at or _record_time(record)
    how = "option" if given.captured_at else "warc"
    known_as = checked_url(given.url or url)
    if record.rec_type == "revisit":
        held = bodies.of(record)
        return RevisitCapture(known_as, captured_at, how, "warc", *held, http_status, headers)
    if _is_error(record):
        raise UnusableError(f"an answer {_printed_status(record)[:20]}, which is no page")
    body = _record_body(record, limit)
    bodies.keep(record, checked_url(url), body)
    return NewCapture(known_as, captured_at, how, "warc", body, http_status, headers)


def _record_body(record: ArcWarcRecord, max_body_bytes: int) -> bytes:
    """A record's body, decoded; unlike warcio's own stream, one that was cut short is refused."""
    header = record.http_headers.get_header if record.http_headers else lambda _: None
    stream = record.raw_stream
    if "chunked" in (header("Transfer-Encoding") or "").lower():
        stream = ChunkedDataReader(stream)
    body: bytes = stream.read(max_body_bytes + 1)
    check_size(len(body), max_body_bytes)
    length = record.rec_headers.get_header("Content-Length") or ""
    if not length.isdecimal() or getattr(record.raw_stream, "limit", 1) > 0:
        raise UnusableError("the record is cut short")
    encoding = (header("Content-Encoding") or "").strip().lower()
    if encoding in {"gzip", "x-gzip"} and body.startswith(b"\x1f\x8b"):
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        body = inflate.decompress(body, max_body_bytes + 1)
        check_size(len(body), max_body_bytes)
        if not inflate.eof:
            raise UnusableError("the body is cut short")
    elif encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise UnusableError(f"the body is encoded as {encoding!r}, which is not read")
    return body

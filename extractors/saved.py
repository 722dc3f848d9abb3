"""Saved captures: a file, a folder, a zip or a WARC, each page with its address and capture time.

The capture time is the caller's, else the WARC record's or the sidecar's (`page.html.json` beside
`page.html`, with `url` and `captured_at`), else the page's own clock, else the file's time. Which
of these it was is part of the capture. A page without an address is known as `file:NAME`.
"""

import gzip
import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple, cast
from urllib.parse import quote

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from extractors.captures import NewCapture, NotCaptured, SeenAgain
from extractors.clock import page_clock
from extractors.ids import subject_of
from extractors.plain_warc import HEADS_ROOM, plain_records
from extractors.warc import NOT_A_CAPTURE, members, parse_time

_SIDECAR_BYTES = 64 * 1024
_URL_CHARACTERS = 2048
_MESSAGE_CHARACTERS = 200
_GZIP = b"\x1f\x8b"
_WHOLE_PAGE = 200  # the one status of a page that is there


class UnusableError(ValueError):
    """One file cannot be taken; the message says what to do about it."""


# What reading a file that somebody else wrote, and maybe cut or damaged, can raise.
_DAMAGED = (
    OSError,
    EOFError,
    ValueError,
    AttributeError,  # warcio, on a record without a first line
    RuntimeError,  # zipfile, on an encrypted entry
    NotImplementedError,  # zipfile, on an unknown compression
    zipfile.BadZipFile,
    zlib.error,
    ArchiveLoadFailed,
)


class Given(NamedTuple):
    """What the caller says of every page, over what the pages say themselves."""

    captured_at: datetime | None = None
    url: str | None = None


class HeldBody(NamedTuple):
    """A body that is there already."""

    body_sha256: str
    body_bytes: int


Found = NewCapture | SeenAgain | NotCaptured
# The body of a capture that the archive holds, by its address and time.
FindHeld = Callable[[str, datetime], HeldBody | None]


def find_saved(
    path: Path, given: Given, max_body_bytes: int, held: FindHeld = lambda _url, _time: None
) -> Iterator[Found]:
    """Every capture under a path, in the order of names.

    A file that cannot be taken is a failure of its own and stops nothing else.
    """
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            inside = file.relative_to(path)
            if not file.is_file() or _is_sidecar(file) or _is_hidden(inside):
                continue
            if _leads_out(file, path) or _leads_out(_sidecar_of(file), path):
                yield NotCaptured(_legible(str(inside)), "a link that leads out of the folder")
            else:
                yield from _from_file(file, str(inside), given, max_body_bytes, held)
    elif not _is_sidecar(path):
        yield from _from_file(path, path.name, given, max_body_bytes, held)


def _from_file(
    path: Path, name: str, given: Given, max_body_bytes: int, held: FindHeld
) -> Iterator[Found]:
    try:
        if path.name.lower().endswith((".warc", ".warc.gz")):
            yield from _from_warc(path, given, max_body_bytes, held)
        elif path.suffix.lower() == ".zip":
            yield from _from_zip(path, given, max_body_bytes)
        else:
            yield _from_page(path, name, given, max_body_bytes)
    except _DAMAGED as error:
        yield NotCaptured(_legible(name), _short(error))


def _legible(name: str) -> str:
    """A file's name as text, which on some systems it need not be."""
    return name.encode(errors="backslashreplace").decode()


def _leads_out(file: Path, folder: Path) -> bool:
    """Whether a file is linked from elsewhere: who fills an inbox chooses nothing outside it."""
    return file.is_symlink() and not file.resolve().is_relative_to(folder.resolve())


def _short(error: Exception) -> str:
    """An error's first line, at a length that fits a summary."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0][:_MESSAGE_CHARACTERS]


def _from_page(path: Path, name: str, given: Given, max_body_bytes: int) -> NewCapture:
    _check_size(path.stat().st_size, max_body_bytes)
    sidecar = _sidecar_of(path)
    beside = sidecar.read_bytes()[: _SIDECAR_BYTES + 1] if sidecar.is_file() else None
    return _capture(path.read_bytes(), name, given, beside, _saved_at(path))


def _from_zip(path: Path, given: Given, max_body_bytes: int) -> Iterator[NewCapture | NotCaptured]:
    """Entries are read in memory, never extracted, so a name that climbs out has nowhere to go."""
    saved_at = _saved_at(path)
    with zipfile.ZipFile(path) as archive:
        entries = {info.filename: info for info in archive.infolist() if not info.is_dir()}
        for name in sorted(entries):
            is_sidecar = name.endswith(".json") and name.removesuffix(".json") in entries
            if is_sidecar or _is_hidden(PurePosixPath(name)):
                continue
            try:
                body = _entry(archive, entries[name], max_body_bytes)
                beside = entries.get(f"{name}.json")
                sidecar = _entry(archive, beside, _SIDECAR_BYTES) if beside else None
                yield _capture(body, name, given, sidecar, _entry_time(entries[name]) or saved_at)
            except _DAMAGED as error:
                yield NotCaptured(f"{path.name}:{name}", _short(error))


def _entry_time(info: zipfile.ZipInfo) -> datetime | None:
    """An entry's own time, which has no zone; None where it has none."""
    try:
        return datetime(*info.date_time)  # noqa: DTZ001 because a zip has no zone
    except ValueError:
        return None


def _saved_at(path: Path) -> datetime:
    time = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return time.replace(tzinfo=None, microsecond=0)


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, max_bytes: int) -> bytes:
    """An entry's bytes, counted while decompressing: what its header claims is not believed."""
    with archive.open(info) as file:
        body = file.read(max_bytes + 1)
    _check_size(len(body), max_bytes)
    return body


def _from_warc(path: Path, given: Given, limit: int, held: FindHeld) -> Iterator[Found]:
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
        except _DAMAGED as error:
            yield NotCaptured(f"{path.name}:{url}", _short(error))


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
        first = inflate.decompress(file.read(HEADS_ROOM), HEADS_ROOM)
    return b"\r\n\r\nWARC/1." in first


class _Bodies:
    """The bodies that a file's records hold, for those that only refer to them."""

    def __init__(self, held: FindHeld) -> None:
        self._held = held
        self._by_place: dict[tuple[str, datetime], HeldBody] = {}
        self._by_digest: dict[str, HeldBody] = {}

    def keep(self, record: ArcWarcRecord, url: str, body: bytes) -> None:
        """Note what a record holds."""
        found = HeldBody(hashlib.sha256(body).hexdigest(), len(body))
        self._by_place[url, _record_time(record)] = found
        if digest := record.rec_headers.get_header("WARC-Payload-Digest"):
            self._by_digest[digest] = found

    def of(self, record: ArcWarcRecord) -> HeldBody:
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
    return record.rec_type == "response" and _status(record) not in {None, _WHOLE_PAGE}


def _status(record: ArcWarcRecord) -> int | None:
    status = record.http_headers.get_statuscode() if record.http_headers else None
    return int(status) if status and status.isdecimal() else None


def _record_time(record: ArcWarcRecord) -> datetime:
    return parse_time(record.rec_headers.get_header("WARC-Date") or "")


def _from_record(
    record: ArcWarcRecord, url: str, given: Given, limit: int, bodies: _Bodies
) -> NewCapture | SeenAgain:
    http_status = _status(record)
    headers = tuple(record.http_headers.headers) if record.http_headers else ()
    captured_at = given.captured_at or _record_time(record)
    how = "option" if given.captured_at else "warc"
    known_as = checked_url(given.url or url)
    if record.rec_type == "revisit":
        held = bodies.of(record)
        return SeenAgain(known_as, captured_at, how, "warc", *held, http_status, headers)
    if http_status is not None and http_status != _WHOLE_PAGE:
        raise UnusableError(f"an answer {http_status}, which is no page")
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
    _check_size(len(body), max_body_bytes)
    length = record.rec_headers.get_header("Content-Length") or ""
    if not length.isdecimal() or getattr(record.raw_stream, "limit", 1) > 0:
        raise UnusableError("the record is cut short")
    encoding = (header("Content-Encoding") or "").strip().lower()
    if encoding in {"gzip", "x-gzip"} and body.startswith(b"\x1f\x8b"):
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        body = inflate.decompress(body, max_body_bytes + 1)
        _check_size(len(body), max_body_bytes)
        if not inflate.eof:
            raise UnusableError("the body is cut short")
    elif encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise UnusableError(f"the body is encoded as {encoding!r}, which is not read")
    return body


def _capture(
    body: bytes, name: str, given: Given, sidecar: bytes | None, saved_at: datetime
) -> NewCapture:
    beside = _read_sidecar(sidecar) if sidecar is not None else Given()
    chosen: tuple[tuple[str, Callable[[], datetime | None]], ...] = (
        ("option", lambda: given.captured_at),
        ("sidecar", lambda: beside.captured_at),
        ("page_clock", lambda: page_clock(body)),
        ("file_time", lambda: saved_at),
    )
    source, captured_at = next(
        (source, time) for source, ask in chosen if (time := ask()) is not None
    )
    url = given.url or beside.url
    return NewCapture(
        url=checked_url(url) if url else f"file:{quote(os.fsencode(name))}",
        captured_at=captured_at,
        captured_at_source=source,
        source="saved",
        body=body,
    )


def _read_sidecar(content: bytes) -> Given:
    try:
        told = json.loads(content)
        url, time = told.get("url"), told.get("captured_at")
        return Given(parse_time(time) if time is not None else None, url)
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise UnusableError(
            f"its sidecar is not JSON with `url` and `captured_at`: {error}"
        ) from error


def checked_url(url: object) -> str:
    """An address that can stand in a record's header.

    Raises:
        UnusableError: it is empty, too long, or holds control characters.
    """
    if not isinstance(url, str) or not url or len(url) > _URL_CHARACTERS or not url.isprintable():
        raise UnusableError(f"not an address: {str(url)[:80]!r}")
    if url[0] == "<" or url[-1] == ">":  # which WARC readers take off
        raise UnusableError(f"not an address: {url[:80]!r}")
    return url.replace(" ", "%20")


def _check_size(size: int, max_body_bytes: int) -> None:
    if size > max_body_bytes:
        raise UnusableError(
            f"larger than {max_body_bytes:,} bytes, which no page is (MPTF_MAX_BODY_BYTES)"
        )


def _sidecar_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _is_sidecar(path: Path) -> bool:
    return path.suffix == ".json" and path.with_suffix("").is_file()


def _is_hidden(inside: Path | PurePosixPath) -> bool:
    return any(
        (part.startswith(".") and part != "..") or part == "__MACOSX" for part in inside.parts
    )

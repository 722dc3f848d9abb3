"""The archive: every response as it came, before anything reads it. It is the only truth.

WARC 1.1, one file per run, a gzip member per record: `resource` for a saved file, `response` for an
answer over HTTP, `revisit` for bytes that the archive holds already. Bodies are kept decoded, and
headers that were about their coding under another name. A file that is being written ends in
`.open`; a kill leaves at most a torn last record in it, which the next run sets aside.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self

from warcio.recordloader import ArcWarcRecord

from extractors.ids import capture_id
from extractors.records import Capture
from extractors.warc import (
    make_record,
    make_revisit,
    make_warcinfo,
    member_at,
    members,
    parse_record,
    parse_time,
    warc_date,
)

_HEADER_ROOM = 1 << 17  # bytes of a record beside its payload
_LONGEST_VALIDATOR = 1024
_CAPTURED_AT_SOURCE = "MPTF-Captured-At-Source"
_FETCHED_AT = "MPTF-Fetched-At"
_SOURCE = "MPTF-Source"
_HTTP_STATUS = "MPTF-HTTP-Status"
_RUN_ID = "MPTF-Run-ID"
_BODY_BYTES = "MPTF-Body-Bytes"


class NewCapture(NamedTuple):
    """A page to be archived. Times are naive UTC, whole seconds.

    `headers` are those of the answer, as (name, value) pairs; a saved file has none.
    """

    url: str
    captured_at: datetime
    captured_at_source: str
    source: str
    body: bytes
    http_status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def body_sha256(self) -> str:
        """SHA-256 of the body, in hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def body_bytes(self) -> int:
        """Size of the body."""
        return len(self.body)

    @property
    def capture_id(self) -> str:
        """The capture's identifier, derived from what it is."""
        return capture_id(self.url, self.captured_at, self.body_sha256)


class SeenAgain(NamedTuple):
    """A page that was seen without its bytes being sent: the archive holds them already.

    That is what a 304 says, a revisit record, and an index that lists one digest twice.
    """

    url: str
    captured_at: datetime
    captured_at_source: str
    source: str
    body_sha256: str
    body_bytes: int
    http_status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def capture_id(self) -> str:
        """The capture's identifier, derived from what it is."""
        return capture_id(self.url, self.captured_at, self.body_sha256)


class NotCaptured(NamedTuple):
    """Something that could not be taken as a capture, and why. Nothing of it was kept."""

    name: str
    message: str


class ArchivedRecord(NamedTuple):
    """What the archive holds at one place: a capture, and its body unless it is a revisit."""

    capture: Capture
    body: bytes | None


class Damage(NamedTuple):
    """A part of an archive file that is no whole record, in bytes."""

    warc_file: str
    offset: int
    end: int
    problem: str


class Archive:
    """The folder of WARC files. Reading needs no lock; one process at a time may write."""

    def __init__(self, folder: Path, max_body_bytes: int) -> None:
        self.folder = folder
        self._max_content = max_body_bytes + _HEADER_ROOM

    def files(self) -> list[str]:
        """Names of the archive's files in the order of their runs, without `.open`."""
        if not self.folder.is_dir():
            return []
        return sorted(
            {path.name.removesuffix(".open") for path in self.folder.glob("*.warc.gz*")
             if path.name.endswith((".warc.gz", ".warc.gz.open"))}
        )  # fmt: skip

    def size(self, warc_file: str) -> int:
        """A file's size in bytes."""
        return self._path(warc_file).stat().st_size

    def records(self, warc_file: str, start: int = 0) -> Iterator[ArchivedRecord | Damage]:
        """The captures of one file from byte `start` on, in order, and whatever is damaged."""
        for member in members(self._path(warc_file), self._max_content, start):
            if member.content is None:
                problem = member.problem or "unreadable"
                yield Damage(warc_file, member.offset, member.end, problem)
                continue
            try:
                found = _read(member.content, warc_file, member.offset)
            except ValueError as error:
                yield Damage(warc_file, member.offset, member.end, str(error))
                continue
            if found is not None:
                yield found

    def record(self, warc_file: str, offset: int) -> ArchivedRecord:
        """The capture at a place, and its body unless it is a revisit.

        Raises:
            ValueError: no whole record of a capture stands there.
            OSError: the file is not there.
        """
        content = member_at(self._path(warc_file), offset, self._max_content)
        found = _read(content, warc_file, offset)
        if found is None:
            raise ValueError(f"{warc_file} at byte {offset}: the record is no capture")
        return found

    def recover(self) -> list[Damage]:
        """Close files that a killed run left open, setting a torn last record aside as `.torn`.

        Call it only while no other process writes. Nothing whole is touched.
        """
        torn: list[Damage] = []
        if not self.folder.is_dir():
            return torn
        for path in sorted(self.folder.glob("*.warc.gz.open")):
            end = 0
            for member in members(path, self._max_content):
                if member.torn:
                    torn.append(Damage(path.stem, member.offset, member.end, "torn"))
                    break
                end = member.end
            _set_tail_aside(path, end)
            _sync_folder(self.folder)
        return torn

    def _path(self, warc_file: str) -> Path:
        being_written = self.folder / f"{warc_file}.open"
        return being_written if being_written.exists() else self.folder / warc_file


class ArchiveWriter:
    """One run's file. Nothing is created until something is added; `close` makes it final.

    `known_body` answers, for a SHA-256, the address and time of the capture that holds these bytes.
    """

    def __init__(
        self,
        archive: Archive,
        run_id: str,
        started_at: datetime,
        known_body: Callable[[str], tuple[str, datetime] | None],
    ) -> None:
        self._archive = archive
        self._run_id = run_id
        self._started_at = started_at
        self._known_body = known_body
        self._written: dict[str, tuple[str, datetime]] = {}
        self._name = f"mptf-{run_id}.warc.gz"
        self._fd: int | None = None
        self._offset = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, new: NewCapture | SeenAgain) -> Capture:
        """Append one capture and say where it stands; it is safe from a kill once this returns.

        Raises:
            KeyError: the bytes that a page was seen again with are not in the archive.
        """
        sha256 = new.body_sha256
        earlier = self._written.get(sha256) or self._known_body(sha256)
        if earlier is None and isinstance(new, SeenAgain):
            raise KeyError(f"{new.url}: the archive holds no body {sha256}")
        if self._fd is None:
            self._open()
        capture = Capture(
            capture_id=capture_id(new.url, new.captured_at, sha256),
            url=new.url,
            source=new.source,
            captured_at=new.captured_at,
            captured_at_source=new.captured_at_source,
            fetched_at=self._started_at,
            http_status=new.http_status,
            body_sha256=sha256,
            body_bytes=new.body_bytes,
            unchanged=earlier is not None,
            etag=_validator(new.headers, "etag"),
            last_modified=_validator(new.headers, "last-modified"),
            run_id=self._run_id,
            warc_file=self._name,
            warc_offset=self._offset,
        )
        self._append(_record(capture, new, earlier))
        self._written.setdefault(sha256, (new.url, new.captured_at))
        return capture

    def indexed(self) -> dict[str, int]:
        """The file that is being written, and its size so far in bytes."""
        return {self._name: self._offset}

    def sync(self) -> None:
        """Make what was added safe from a power cut too."""
        if self._fd is not None:
            os.fsync(self._fd)

    def close(self) -> None:
        """Make the file final."""
        if self._fd is None:
            return
        self.sync()
        os.close(self._fd)
        self._fd = None
        path = self._archive.folder / self._name
        path.with_name(f"{self._name}.open").rename(path)
        _sync_folder(self._archive.folder)

    def _open(self) -> None:
        self._archive.folder.mkdir(parents=True, exist_ok=True)
        if self._name in self._archive.files():
            raise FileExistsError(f"the archive holds {self._name} already; nothing is overwritten")
        path = self._archive.folder / f"{self._name}.open"
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        _sync_folder(self._archive.folder)
        fields = {"software": "mptf-warehouse", "format": "WARC File Format 1.1"}
        self._append(make_warcinfo(self._name, self._started_at, fields))

    def _append(self, record: bytes) -> None:
        assert self._fd is not None  # noqa: S101 because _open has just set it
        view = memoryview(record)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except BaseException:  # a full disk, a second interrupt: leave no half record behind
            os.ftruncate(self._fd, self._offset)
            raise
        self._offset += len(record)


def _record(
    capture: Capture, new: NewCapture | SeenAgain, earlier: tuple[str, datetime] | None
) -> bytes:
    headers = {
        "WARC-Date": warc_date(capture.captured_at),
        "WARC-Payload-Digest": f"sha256:{capture.body_sha256}",
        _CAPTURED_AT_SOURCE: capture.captured_at_source,
        _FETCHED_AT: warc_date(capture.fetched_at),
        _SOURCE: capture.source,
        _RUN_ID: capture.run_id,
        _BODY_BYTES: str(capture.body_bytes),
    }
    if capture.http_status is not None:
        headers[_HTTP_STATUS] = str(capture.http_status)
    if earlier is None and isinstance(new, NewCapture):
        return make_record(capture.url, headers, new.body, capture.http_status, new.headers)
    if earlier is not None:
        headers["WARC-Refers-To-Target-URI"] = earlier[0]
        headers["WARC-Refers-To-Date"] = warc_date(earlier[1])
    return make_revisit(capture.url, headers, capture.http_status, new.headers)


def _read(content: bytes, warc_file: str, offset: int) -> ArchivedRecord | None:
    """A record's capture and body; None for a record that is no capture.

    Raises:
        ValueError: the record is not one of ours, or its body is not what its digest says.
    """
    record, payload = parse_record(content)
    if record.rec_type not in {"resource", "response", "revisit"}:
        return None
    sha256 = _header(record, "WARC-Payload-Digest").removeprefix("sha256:")
    revisit = record.rec_type == "revisit"
    if not revisit and hashlib.sha256(payload).hexdigest() != sha256:
        raise ValueError("the body does not match its digest")
    url = _header(record, "WARC-Target-URI")
    captured_at = parse_time(_header(record, "WARC-Date"))
    status = record.rec_headers.get_header(_HTTP_STATUS)
    capture = Capture(
        capture_id=capture_id(url, captured_at, sha256),
        url=url,
        source=_header(record, _SOURCE),
        captured_at=captured_at,
        captured_at_source=_header(record, _CAPTURED_AT_SOURCE),
        fetched_at=parse_time(_header(record, _FETCHED_AT)),
        http_status=int(status) if status else None,
        body_sha256=sha256,
        body_bytes=int(_header(record, _BODY_BYTES)),
        unchanged=revisit,
        etag=_validator(_http_headers(record), "etag"),
        last_modified=_validator(_http_headers(record), "last-modified"),
        run_id=_header(record, _RUN_ID),
        warc_file=warc_file,
        warc_offset=offset,
    )
    return ArchivedRecord(capture, None if revisit else payload)


def _header(record: ArcWarcRecord, name: str) -> str:
    value: str | None = record.rec_headers.get_header(name)
    if value is None:
        raise ValueError(f"the record has no {name}: it is not of this archive")
    return value


def _http_headers(record: ArcWarcRecord) -> list[tuple[str, str]]:
    return list(record.http_headers.headers) if record.http_headers else []


def _validator(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """A validator as it was sent, if it can be sent back."""
    value = next((value for key, value in headers if key.lower() == name), None)
    usable = value and len(value) <= _LONGEST_VALIDATOR and value.isascii() and value.isprintable()
    return value if usable else None


def _set_tail_aside(path: Path, end: int) -> None:
    """Cut an open file after its last whole record, keep the rest beside it, and make it final."""
    final = path.with_suffix("")
    with path.open("r+b") as file:
        file.seek(end)
        tail = file.read()
        if tail:
            with final.with_name(f"{final.name}.torn").open("wb") as aside:
                aside.write(tail)
                os.fsync(aside.fileno())
            file.truncate(end)
            os.fsync(file.fileno())
    path.rename(final)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

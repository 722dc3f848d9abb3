"""The archive: every response as it was received, stored before anything parses it.

WARC 1.1, one file per run, a gzip member per record: `resource` for a saved file, `response` for a
response over HTTP, `revisit` for a body that was archived before, `metadata` for orders to forget
captures. Bodies are stored decoded, and headers about their encoding under another name. The name
of a file that is being written ends in `.open`; a kill leaves at most a torn last record in it,
which the next run moves to a `.torn` file.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from warcio.recordloader import ArcWarcRecord

from extractors.archive.orders import parse_orders
from extractors.archive.warc import (
    HTTP_STATUS,
    MAX_HEAD_BYTES,
    NOT_A_CAPTURE,
    Member,
    member_at,
    members,
    parse_record,
    parse_time,
)
from extractors.ids import capture_id
from extractors.ledger import Capture, ForgetOrder

_LONGEST_VALIDATOR = 1024
_SIZE = re.compile(r"[0-9]{1,12}")
_REASON = re.compile(r"[a-z]{1,20}")
CAPTURED_AT_SOURCE = "MPTF-Captured-At-Source"
FETCHED_AT = "MPTF-Fetched-At"
SOURCE = "MPTF-Source"
HTTP_STATUS_HEADER = "MPTF-HTTP-Status"
RUN_ID = "MPTF-Run-ID"
BODY_BYTES = "MPTF-Body-Bytes"
CUT_SHORT = "WARC-Truncated"
GIVEN_AT = "MPTF-Given-At"
SHOWN_AT = "MPTF-Shown-At"
KNOWN_AS = "MPTF-Known-As"


class ArchivedRecord(NamedTuple):
    """A capture in the archive, with its body unless it is a revisit.

    `known_as` are the names that its record and its body have in another archive, as in
    `NewCapture`.
    """

    capture: Capture
    body: bytes | None
    known_as: tuple[str, ...] = ()


class ArchivedOrders(NamedTuple):
    """Orders to forget captures, or to restore them; `warc_offset` is in bytes."""

    orders: list[ForgetOrder]
    warc_offset: int


class Damage(NamedTuple):
    """A part of an archive file that is not a whole record, in bytes."""

    warc_file: str
    offset: int
    end: int
    problem: str


def archive_file_name(run_id: str) -> str:
    """Return the name of the file that a run writes."""
    return f"mptf-{run_id}.warc.gz"


class Archive:
    """A folder of WARC files. Reading needs no lock; one process at a time may write."""

    def __init__(self, folder: Path, max_body_bytes: int) -> None:
        self.folder = folder
        self._max_content = max_body_bytes + MAX_HEAD_BYTES

    def files(self) -> list[str]:
        """Return the names of the files in the order of their runs, without `.open`."""
        if not self.folder.is_dir():
            return []
        return sorted(
            {path.name.removesuffix(".open") for path in self.folder.glob("*.warc.gz*")
             if path.name.endswith((".warc.gz", ".warc.gz.open"))}
        )  # fmt: skip

    def closed_files(self) -> list[str]:
        """Return the names of the files that no run is writing, in the order of their runs."""
        return [name for name in self.files() if not (self.folder / f"{name}.open").exists()]

    def digest(self, warc_file: str) -> str:
        """Return the SHA-256 of a file's bytes."""
        with self._path(warc_file).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def size(self, warc_file: str) -> int:
        """Return the size of a file in bytes."""
        return self._path(warc_file).stat().st_size

    def records(
        self, warc_file: str, start: int = 0
    ) -> Iterator[ArchivedRecord | ArchivedOrders | Damage]:
        """Yield the captures, orders and damaged parts of a file from byte `start` on."""
        for member in members(self._path(warc_file), self._max_content, start):
            if member.content is None:
                problem = member.problem or "unreadable"
                yield Damage(warc_file, member.offset, member.end, problem)
                continue
            try:
                record = _parse(member.content, warc_file, member.offset)
            except ValueError as error:
                yield Damage(warc_file, member.offset, member.end, str(error))
                continue
            if record is not None:
                yield record

    def members(self, path: Path) -> Iterator[Member]:
        """Yield the gzip members of a file, torn and damaged ones too."""
        return members(path, self._max_content)

    def contents(self, warc_file: str) -> Iterator[tuple[int, bytes]]:
        """Yield the offset and content of every whole record of a file, captures or not."""
        for member in members(self._path(warc_file), self._max_content):
            if member.content is not None:
                yield member.offset, member.content

    def content(self, warc_file: str, offset: int) -> bytes:
        """Return the content of the record at byte `offset` of a file.

        Raises:
            ValueError: no whole record begins there.
            OSError: the file does not exist.
        """
        return member_at(self._path(warc_file), offset, self._max_content)

    def record(self, warc_file: str, offset: int) -> ArchivedRecord:
        """Return the capture at byte `offset` of a file.

        Raises:
            ValueError: no whole record of a capture begins there.
            OSError: the file does not exist.
        """
        record = _parse(self.content(warc_file, offset), warc_file, offset)
        if not isinstance(record, ArchivedRecord):
            raise ValueError(f"{warc_file} at byte {offset}: the record is not a capture")
        return record

    def look(self) -> None:
        """Learn what others archived; nobody else writes to a folder."""

    def exchange(self) -> None:
        """Push what is archived here only, and learn what others archived; as `look`."""

    def fetch(self, warc_files: Iterable[str], between: Callable[[], None]) -> None:
        """Make files ready to be read; those of a folder are."""

    def if_reached(self) -> AbstractContextManager[None]:
        """Go on after the block if some place of the archive cannot be reached in it."""
        return nullcontext()

    def queued(self) -> list[Path]:
        """Return the files that wait here for another place of the archive; a folder has none."""
        return []

    def push_finished(self) -> None:
        """Push what has become final; a folder has no other place."""

    def replace(self, path: Path, by: Path) -> None:
        """Put a file in the place of another of the folder."""
        by.replace(path)

    def waiting(self) -> list[str]:
        """Return a line for each reason why folder and bucket differ; without a bucket none."""
        return []

    def differences(self) -> list[str]:
        """Compare folder and bucket, and return a line for each file in which they differ."""
        return []

    def recover(self) -> list[Damage]:
        """Make files final that a killed run left open, and return their torn last records.

        A torn record moves to a `.torn` file; whole records are not touched. Call this only while
        no other process writes.
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
            _finish_open_file(path, end)
            sync_folder(self.folder)
        return torn

    def _path(self, warc_file: str) -> Path:
        open_path = self.folder / f"{warc_file}.open"
        return open_path if open_path.exists() else self.folder / warc_file


def _parse(content: bytes, warc_file: str, offset: int) -> ArchivedRecord | ArchivedOrders | None:
    """Parse a record into its capture and body, or its orders; return None if it has neither.

    Raises:
        ValueError: another program wrote the record, or the body does not match its digest.
    """
    record, payload = parse_record(content)
    if record.rec_type == "metadata":
        orders = parse_orders(record, payload)
        return ArchivedOrders(orders, offset) if orders else None
    if record.rec_type not in {"resource", "response", "revisit"}:
        return None
    if record.rec_headers.get_header(NOT_A_CAPTURE) is not None:
        return None
    sha256 = header_of(record, "WARC-Payload-Digest").removeprefix("sha256:")
    revisit = record.rec_type == "revisit"
    if not revisit and hashlib.sha256(payload).hexdigest() != sha256:
        raise ValueError("the body does not match its digest")
    url = header_of(record, "WARC-Target-URI")
    captured_at = parse_time(header_of(record, "WARC-Date"))
    status = record.rec_headers.get_header(HTTP_STATUS_HEADER)
    cut_short = record.rec_headers.get_header(CUT_SHORT)
    if cut_short is not None and not _REASON.fullmatch(cut_short):
        raise ValueError(f"invalid reason in {CUT_SHORT}: {cut_short[:20]!r}")
    capture = Capture(
        capture_id=capture_id(url, captured_at, sha256, cut_short),
        url=url,
        source=header_of(record, SOURCE),
        captured_at=captured_at,
        captured_at_source=header_of(record, CAPTURED_AT_SOURCE),
        fetched_at=parse_time(header_of(record, FETCHED_AT)),
        http_status=_number(status, HTTP_STATUS) if status else None,
        body_sha256=sha256,
        body_bytes=_number(header_of(record, BODY_BYTES), _SIZE),
        unchanged=revisit,
        etag=validator(_http_headers(record), "etag"),
        last_modified=validator(_http_headers(record), "last-modified"),
        run_id=header_of(record, RUN_ID),
        warc_file=warc_file,
        warc_offset=offset,
        cut_short=cut_short,
        given_at=_time_if_any(record, GIVEN_AT),
        shown_at=_time_if_any(record, SHOWN_AT),
    )
    names = (record.rec_headers.get_header(KNOWN_AS) or "").split()
    return ArchivedRecord(capture, None if revisit else payload, tuple(names))


def header_of(record: ArcWarcRecord, name: str) -> str:
    """Return the value of a header.

    Raises:
        ValueError: the record has none of this name.
    """
    value: str | None = record.rec_headers.get_header(name)
    if value is None:
        raise ValueError(f"the record has no {name}: another program wrote it")
    return value


def _time_if_any(record: ArcWarcRecord, name: str) -> datetime | None:
    printed = record.rec_headers.get_header(name)
    return None if printed is None else parse_time(printed)


def _number(printed: str, pattern: re.Pattern[str]) -> int:
    """Parse a number that is small enough for its column."""
    if not pattern.fullmatch(printed):
        raise ValueError(f"invalid number in a header: {printed[:20]!r}")
    return int(printed)


def _http_headers(record: ArcWarcRecord) -> list[tuple[str, str]]:
    return list(record.http_headers.headers) if record.http_headers else []


def validator(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """Return a response's validator if it can be sent back, else None."""
    value = next((value for key, value in headers if key.lower() == name), None)
    usable = value and len(value) <= _LONGEST_VALIDATOR and value.isascii() and value.isprintable()
    return value if usable else None


def _finish_open_file(path: Path, end: int) -> None:
    """Move what follows byte `end` to a `.torn` file, and make the rest final."""
    final = path.with_suffix("")
    with path.open("r+b") as file:
        file.seek(end)
        tail = file.read()
        if tail:
            with final.with_name(f"{final.name}.torn").open("wb") as torn:
                torn.write(tail)
                os.fsync(torn.fileno())
            file.truncate(end)
            os.fsync(file.fileno())
    path.rename(final)


def sync_folder(folder: Path) -> None:
    """Flush a folder to disk, so that its new names survive a power cut."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

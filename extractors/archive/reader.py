"""The archive: every response as it came, before anything reads it. It is the only truth.

WARC 1.1, one file per run, a gzip member per record: `resource` for a saved file, `response` for an
answer over HTTP, `revisit` for bytes that the archive holds already. Bodies are kept decoded, and
headers that were about their coding under another name. A file that is being written ends in
`.open`; a kill leaves at most a torn last record in it, which the next run sets aside.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from warcio.recordloader import ArcWarcRecord

from extractors.archive.warc import (
    HEADS_ROOM,
    NOT_A_CAPTURE,
    STATUS,
    member_at,
    members,
    parse_record,
    parse_time,
)
from extractors.ids import capture_id
from extractors.records import Capture

_LONGEST_VALIDATOR = 1024
_SIZE = re.compile(r"[0-9]{1,12}")
CAPTURED_AT_SOURCE = "MPTF-Captured-At-Source"
FETCHED_AT = "MPTF-Fetched-At"
SOURCE = "MPTF-Source"
HTTP_STATUS = "MPTF-HTTP-Status"
RUN_ID = "MPTF-Run-ID"
BODY_BYTES = "MPTF-Body-Bytes"


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
        self._max_content = max_body_bytes + HEADS_ROOM

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
            sync_folder(self.folder)
        return torn

    def _path(self, warc_file: str) -> Path:
        being_written = self.folder / f"{warc_file}.open"
        return being_written if being_written.exists() else self.folder / warc_file


def _read(content: bytes, warc_file: str, offset: int) -> ArchivedRecord | None:
    """A record's capture and body; None for a record that is no capture.

    Raises:
        ValueError: the record is not one of ours, or its body is not what its digest says.
    """
    record, payload = parse_record(content)
    if record.rec_type not in {"resource", "response", "revisit"}:
        return None
    if record.rec_headers.get_header(NOT_A_CAPTURE) is not None:
        return None
    sha256 = _header(record, "WARC-Payload-Digest").removeprefix("sha256:")
    revisit = record.rec_type == "revisit"
    if not revisit and hashlib.sha256(payload).hexdigest() != sha256:
        raise ValueError("the body does not match its digest")
    url = _header(record, "WARC-Target-URI")
    captured_at = parse_time(_header(record, "WARC-Date"))
    status = record.rec_headers.get_header(HTTP_STATUS)
    capture = Capture(
        capture_id=capture_id(url, captured_at, sha256),
        url=url,
        source=_header(record, SOURCE),
        captured_at=captured_at,
        captured_at_source=_header(record, CAPTURED_AT_SOURCE),
        fetched_at=parse_time(_header(record, FETCHED_AT)),
        http_status=_number(status, STATUS) if status else None,
        body_sha256=sha256,
        body_bytes=_number(_header(record, BODY_BYTES), _SIZE),
        unchanged=revisit,
        etag=validator(_http_headers(record), "etag"),
        last_modified=validator(_http_headers(record), "last-modified"),
        run_id=_header(record, RUN_ID),
        warc_file=warc_file,
        warc_offset=offset,
    )
    return ArchivedRecord(capture, None if revisit else payload)


def _header(record: ArcWarcRecord, name: str) -> str:
    value: str | None = record.rec_headers.get_header(name)
    if value is None:
        raise ValueError(f"the record has no {name}: it is not of this archive")
    return value


def _number(printed: str, form: re.Pattern[str]) -> int:
    """A number in a header of ours, which no table is too narrow for."""
    if not form.fullmatch(printed):
        raise ValueError(f"{printed[:20]!r} is no number that this archive writes")
    return int(printed)


def _http_headers(record: ArcWarcRecord) -> list[tuple[str, str]]:
    return list(record.http_headers.headers) if record.http_headers else []


def validator(headers: Iterable[tuple[str, str]], name: str) -> str | None:
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


def sync_folder(folder: Path) -> None:
    """Make what a folder lists safe from a power cut."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

"""ARC files, the format before WARC, as WARC: so that one reader reads both.

A record is a line of fields (URL, IP, date, type, length; version 2 has more before the length) and
as many bytes as it says. URLs in old files may hold blanks, and so may types.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from extractors.captures import RefusedInput

_LONGEST_LINE, _CHUNK = 1 << 14, 1 << 16
_HEAD = re.compile(
    rb"(?P<url>[a-z][a-z0-9+.-]*:\S.*?) (?:[0-9a-f.:]+|-) (?P<date>[0-9]{12,14})"
    rb" (?P<type>\S+)(?: \S+){0,5} (?P<length>[0-9]{1,15})\r?\n",
    re.IGNORECASE,
)
_OF_WEB = re.compile(rb"https?:", re.IGNORECASE)
_HTTP = b"HTTP/"


def arc_to_warc(path: Path, target: Path) -> Iterator[RefusedInput]:
    """Write the web pages of an ARC file to `target` as WARC records.

    Yield a refusal for each part of the file that is no record, with the record before it: that has
    a wrong length, and may lack its end. A body that the file cuts short is written with the length
    that it should have.
    """
    with path.open("rb") as arc, target.open("wb") as warc:
        lost_from: int | None = None
        position = record_at = written = 0
        while line := arc.readline(_LONGEST_LINE):
            head = _HEAD.fullmatch(line)
            if head is None:
                if line.strip() and lost_from is None:
                    lost_from = record_at
                    warc.seek(written)
                    warc.truncate()
            else:
                if lost_from is not None:
                    yield _lost(path, lost_from, position)
                    lost_from = None
                record_at, written = position, warc.tell()
                _copy_record(head, arc, warc)
            position = arc.tell()
        if lost_from is not None:
            yield _lost(path, lost_from, position)


def _lost(path: Path, start: int, end: int) -> RefusedInput:
    return RefusedInput(
        f"{path.name}, bytes {start}-{end}",
        "no ARC records, or a wrong length: a line of URL, IP, date, type and length should begin"
        " each, and so many bytes follow it",
    )


def _copy_record(head: re.Match[bytes], arc: BinaryIO, warc: BinaryIO) -> None:
    """Copy one record's body below a WARC head; skip a body that came over no HTTP."""
    length = int(head["length"])
    if not _OF_WEB.match(head["url"]):  # filedesc: or dns:
        arc.seek(length, 1)
        return
    body = arc.read(min(length, _CHUNK))
    is_answer = body.startswith(_HTTP)
    date = head["date"].ljust(14, b"0").decode()
    kind = b"application/http; msgtype=response" if is_answer else head["type"]
    warc.write(
        b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\nWARC-Date: %s\r\n"
        b"Content-Type: %s\r\nContent-Length: %d\r\n\r\n"
        % (
            b"response" if is_answer else b"resource",
            head["url"].replace(b" ", b"%20"),
            f"{date[:4]}-{date[4:6]}-{date[6:8]}T{date[8:10]}:{date[10:12]}:{date[12:]}Z".encode(),
            kind,
            length,
        )
    )
    while body:
        warc.write(body)
        length -= len(body)
        body = arc.read(min(length, _CHUNK))
    warc.write(b"\r\n\r\n")

"""Erasing bodies from archive files, for a person who asks for their data to go.

A file is written anew beside itself, with another record in the place of each erased one, and then
renamed. The new record is exactly as long, so that every other record stays where it was: a kill
leaves the old file or the new one, and the ledger fits both.
"""

import os
import re
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from extractors.archive.reader import Archive, sync_folder
from extractors.archive.warc import ERASED, Member, make_erased, parse_record

_ERASING = ".erasing"
_CHUNK = 1 << 20
_HEAD_BYTES = 1 << 13  # enough of a damaged record for the digest in its head
_STEP = 64  # what is decoded before the damage counts
_DIGEST = re.compile(rb"^warc-payload-digest:[ \t]*sha256:([0-9a-f]{64})\r?$", re.I | re.M)


def erase_bodies(archive: Archive, bodies: Collection[str], now: datetime) -> list[str]:
    """Erase every record of some bodies, given by their SHA-256; return the files changed.

    Torn files that begin with one of the bodies are removed. Doing it again changes nothing. Call
    this only while no other process writes.
    """
    archive.exchange()  # it may have been out of reach since, and be known in part
    archive.fetch(archive.files(), between=lambda: None)
    for left in archive.folder.glob(f"*{_ERASING}"):
        left.unlink()
    erased = _erase_from(archive, sorted(archive.folder.glob("*.warc.gz*")), bodies, now)
    sync_folder(archive.folder)
    return erased


def erase_queued(archive: Archive, bodies: Collection[str], now: datetime) -> None:
    """Erase the bodies from the files that wait for the bucket, before they get there.

    Another home has erased them in the bucket while these files waited.
    """
    if _erase_from(archive, archive.queued(), bodies, now):
        sync_folder(archive.folder)


def _erase_from(
    archive: Archive, paths: Iterable[Path], bodies: Collection[str], now: datetime
) -> list[str]:
    """Erase every record of some bodies from some files; return the names of those changed."""
    erased = []
    for path in paths:
        found = [member for member in archive.members(path) if _digest(path, member) in bodies]
        if found and path.suffix == ".torn":
            path.unlink()
        elif found:
            _write_without(archive, path, found, now)
        if found:
            erased.append(path.name)
    return erased


def is_erased_copy(old: Path, new: Path, archive: Archive) -> bool:
    """Return whether a file is another with some of its records erased, and nothing else."""
    if old.stat().st_size != new.stat().st_size:
        return False
    with old.open("rb") as before, new.open("rb") as after:
        for member in archive.members(new):
            length = member.end - member.offset
            same = before.read(length) == after.read(length)
            if not same and not _is_erased(member):
                return False
    return True


def _is_erased(member: Member) -> bool:
    """Return whether a record is one that `make_erased` made."""
    try:
        record, payload = parse_record(member.content or b"")
    except ValueError:
        return False
    return record.rec_type == "metadata" and payload == ERASED


def _digest(path: Path, member: Member) -> str | None:
    """Return the SHA-256 of a record's body as its head has it, also of a damaged record."""
    content = _beginning(path, member) if member.content is None else member.content
    match = _DIGEST.search(content.partition(b"\r\n\r\n")[0])
    return match[1].decode() if match else None


def _beginning(path: Path, member: Member) -> bytes:
    """Return as much of a damaged record as can be decoded, up to the length of any head."""
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    content = bytearray()
    with path.open("rb") as file:
        file.seek(member.offset)
        start = file.read(min(member.end - member.offset, _HEAD_BYTES))
    with suppress(zlib.error):
        for at in range(0, len(start), _STEP):
            content += inflate.decompress(start[at : at + _STEP], _HEAD_BYTES)
    return bytes(content)


def _write_without(archive: Archive, path: Path, found: list[Member], now: datetime) -> None:
    """Write a file anew without some of its records, and rename it into place."""
    beside = path.with_name(f"{path.name}{_ERASING}")
    with beside.open("wb") as file:
        for part in _parts(path, found, now):
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    archive.replace(path, beside)


def _parts(path: Path, found: list[Member], now: datetime) -> Iterator[bytes]:
    with path.open("rb") as file:
        for member in found:
            while chunk := file.read(min(_CHUNK, member.offset - file.tell())):
                yield chunk
            yield make_erased(member.end - member.offset, now)
            file.seek(member.end)
        while chunk := file.read(_CHUNK):
            yield chunk

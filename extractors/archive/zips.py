"""The entries of a zip that may be pages or archives of pages: a folder in a zip, or a WACZ."""

import zipfile
from datetime import datetime
from pathlib import Path, PurePosixPath

from extractors.archive.beside import Companions, is_hidden
from extractors.archive.inputs import InputRefusedError, check_size
from extractors.archive.kinds import Kind, content_of_head
from extractors.archive.unpack import Allowance, copy

_HEAD_BYTES = 1 << 16
_MOST_ENTRIES = 200_000
_LONGEST_NAME = 100  # of a temporary file
_WACZ = "datapackage.json"
_ARCHIVES = "archive/"


class ZipOfPages:
    """A zip whose entries are read one by one, within the limits for pages and for archives."""

    def __init__(self, archive: zipfile.ZipFile, max_body_bytes: int, allowance: Allowance) -> None:
        self._archive = archive
        self._max_body_bytes = max_body_bytes
        self._allowance = allowance
        infos = archive.infolist()
        if len(infos) > _MOST_ENTRIES:
            raise InputRefusedError(f"a zip of more than {_MOST_ENTRIES:,} entries")
        self._entries = {info.filename: info for info in infos if not info.filename.endswith("/")}
        self._is_wacz = _WACZ in self._entries and any(
            name.startswith(_ARCHIVES) for name in self._entries
        )
        paths = {PurePosixPath(name): name for name in self._entries}
        self._companions = Companions(paths, lambda path: self._head(paths[path]))

    def names(self) -> list[str]:
        """Return the names of the entries, sorted, without sidecars and hidden files."""
        return [
            name
            for name in sorted(self._entries)
            if not (name.endswith(".json") and name.removesuffix(".json") in self._entries)
            and not is_hidden(PurePosixPath(name))
        ]

    def skips(self, name: str) -> bool:
        """Return whether an entry is a part of a saved page, or of a WACZ beside its archives."""
        if self._is_wacz:
            return not name.startswith(_ARCHIVES)
        return self._companions.belong(PurePosixPath(name))

    def extract(self, name: str, folder: Path) -> Path:
        """Write an entry into a folder, whatever folders its name climbs to; return its path.

        Bytes are counted as they come, because the size in the zip may be false.

        Raises:
            InputRefusedError: it is larger than a page may be, or than is allowed.
        """
        path = folder / (PurePosixPath(name).name[-_LONGEST_NAME:] or "entry")
        with self._archive.open(self._entries[name]) as file, path.open("wb") as target:
            head = file.read(_HEAD_BYTES)
            self._allowance.take(len(head))
            target.write(head)
            if content_of_head(head, name).kind in {Kind.PAGE, Kind.PART, Kind.OTHER}:
                rest = file.read(max(self._max_body_bytes + 1 - len(head), 0))
                check_size(len(head) + len(rest), self._max_body_bytes)
                target.write(rest)
            else:
                copy(file.read, target, self._allowance)
        return path

    def sidecar(self, name: str, max_bytes: int) -> bytes | None:
        """Return the content of an entry's sidecar, if there is one."""
        beside = self._entries.get(f"{name}.json")
        if beside is None:
            return None
        with self._archive.open(beside) as file:
            content = file.read(max_bytes + 1)
        check_size(len(content), max_bytes)
        return content

    def time(self, name: str) -> datetime | None:
        """Return the time of an entry, which has no time zone; None if it is invalid."""
        try:
            return datetime(*self._entries[name].date_time)  # noqa: DTZ001 because a zip has no zone
        except ValueError:
            return None

    def _head(self, name: str) -> bytes:
        with self._archive.open(self._entries[name]) as file:
            return file.read(_HEAD_BYTES)

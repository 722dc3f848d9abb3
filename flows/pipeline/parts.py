"""Parts: what whole archive files say, as Parquet in a folder or a bucket.

A part belongs to one parser version and to the bytes of one archive file. Its manifest is written
last and has the digest of every table, so what a kill leaves does not count. Parts hold all that
pages say, contacts too.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from extractors.archive.reader import Archive
from extractors.errors import MptfError
from extractors.objects import Store, is_bucket, open_store
from extractors.records import PARSER_VERSION
from extractors.store_errors import NoObjectError
from flows.pipeline.home import Home
from transforms.readings import Reading, reading_of, schema_digest, tables_of

_MANIFEST = "manifest.json"


class PartDamagedError(MptfError):
    """A table of a part is missing, or not as it was written."""


class FaultyPageError(MptfError):
    """The parser failed on a page: it may be a passing fault, so no part is made of its file."""


class _Table(NamedTuple):
    """One Parquet file of a part, as the manifest has it."""

    file: str
    rows: int
    bytes: int
    sha256: str


class Part:
    """What was read of one archive file, in the order of its records."""

    def __init__(self, store: Store, folder: str, portions: list[dict[str, _Table]]) -> None:
        self._store = store
        self._folder = folder
        self._portions = portions

    def readings(self) -> Iterator[Reading]:
        """Yield what was read, portion by portion.

        Raises:
            PartDamagedError: a table is missing or damaged.
            StoreUnreachableError: the store does not answer.
        """
        for portion in self._portions:
            tables = {name: self._read(table) for name, table in portion.items()}
            try:
                yield reading_of(tables)
            except ValueError as error:
                raise PartDamagedError(f"{self._folder}: {error}") from error

    def _read(self, table: _Table) -> bytes:
        try:
            content = self._store.read(f"{self._folder}/{table.file}", table.bytes)
        except NoObjectError:
            raise PartDamagedError(f"{self._folder}: {table.file} is missing") from None
        if hashlib.sha256(content).hexdigest() != table.sha256:
            raise PartDamagedError(f"{self._folder}: {table.file} is damaged")
        return content


class Parts:
    """The parts of an archive's files that this parser version read.

    Attributes:
        taken: the files whose parts were given out.
    """

    def __init__(self, store: Store, archive: Archive) -> None:
        self._store = store
        self._archive = archive
        self.taken: list[str] = []

    @cached_property
    def _names(self) -> set[str]:
        return set(self._store.names(f"parser={PARSER_VERSION}"))

    def of(self, warc_file: str, size: int) -> Part | None:
        """Return the part of a file of some bytes; None if there is none, whole and of them.

        Raises:
            StoreUnreachableError: the store does not answer.
        """
        folder = _folder(warc_file)
        if f"{folder}/{_MANIFEST}" not in self._names:
            return None
        try:
            manifest = json.loads(self._store.read(f"{folder}/{_MANIFEST}"))
            portions = [
                {name: _Table(**table) for name, table in portion.items()}
                for portion in manifest["portions"]
            ]
            fits = manifest["schema"] == schema_digest() and manifest["bytes"] == size
            digest = manifest["sha256"]
        except (NoObjectError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        whole = {f"{folder}/{table.file}" for portion in portions for table in portion.values()}
        if not fits or not whole <= self._names:
            return None
        if digest != self._archive.digest(warc_file):
            return None
        self.taken.append(warc_file)
        return Part(self._store, folder, portions)

    def write(self, warc_file: str, size: int, readings: Iterable[Reading]) -> None:
        """Write a file's part, in the place of whatever is there.

        Args:
            warc_file: the archive file, which no run is writing.
            size: its size in bytes.
            readings: what it says, read once this is called.

        Raises:
            FaultyPageError: the parser failed on a page; there is no part now.
            StoreUnreachableError: the store does not answer; there is no part now.
        """
        folder, sha256 = _folder(warc_file), self._archive.digest(warc_file)
        for name in sorted(self._store.names(folder), key=lambda name: not _is_manifest(name)):
            self._store.remove(name)
        portions = [
            self._write_portion(folder, f"{sha256[:12]}-{number:04d}", reading)
            for number, reading in enumerate(readings)
        ]
        manifest: dict[str, Any] = {
            "archive_file": warc_file,
            "bytes": size,
            "sha256": sha256,
            "parser_version": PARSER_VERSION,
            "schema": schema_digest(),
            "portions": [
                {name: table._asdict() for name, table in portion.items()} for portion in portions
            ],
        }
        self._store.write(f"{folder}/{_MANIFEST}", json.dumps(manifest, indent=1).encode())

    def _write_portion(self, folder: str, label: str, reading: Reading) -> dict[str, _Table]:
        if reading.has_fault:
            raise FaultyPageError(f"{folder}: the parser failed on a page")
        written = {}
        for name, (content, rows) in tables_of(reading).items():
            sha256 = hashlib.sha256(content).hexdigest()
            written[name] = _Table(f"{name}-{label}.parquet", rows, len(content), sha256)
            self._store.write(f"{folder}/{written[name].file}", content)
        return written


def open_parts(place: str | Path, archive: Archive) -> Parts:
    """Return the parts at a place; a folder that does not exist is made, for its owner alone."""
    store = open_store(place)
    if not store.is_bucket:
        Path(place).mkdir(mode=0o700, parents=True, exist_ok=True)
    return Parts(store, archive)


def home_parts(home: Home) -> str:
    """Return where a home's parts are unless another place is given: beside a bucket's archive."""
    archive = home.settings.archive
    return f"{archive}/parts" if archive and is_bucket(archive) else str(home.folder / "parts")


def has_parts(home: Home) -> bool:
    """Return whether there is such a place."""
    return is_bucket(home_parts(home)) or Path(home_parts(home)).is_dir()


def remove_parts(store: Store, warc_files: Iterable[str]) -> int:
    """Remove the parts of some archive files, of every parser version; return their number."""
    wanted = {f"file={name}" for name in warc_files}
    found = [name for name in store.names() if wanted & set(name.split("/"))]
    for name in sorted(found, key=lambda name: not _is_manifest(name)):
        store.remove(name)
    return sum(map(_is_manifest, found))


def _folder(warc_file: str) -> str:
    return f"parser={PARSER_VERSION}/file={warc_file}"


def _is_manifest(name: str) -> bool:
    return name.endswith(f"/{_MANIFEST}")

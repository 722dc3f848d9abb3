"""Captures from saved inputs: a file, a folder, a zip, an archive of other programs.

What a file is its content tells, not its name. What is packed in another file is unpacked to a
temporary folder, within limits, and read like any file.
"""

import re
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from extractors.archive.arc import arc_to_warc
from extractors.archive.beside import Companions, is_hidden
from extractors.archive.foreign.warc import read_warc
from extractors.archive.inputs import (
    READ_ERRORS,
    CaptureOverrides,
    InputRefusedError,
    SavedItem,
    check_size,
    short,
)
from extractors.archive.kinds import Kind, content_of
from extractors.archive.saved_page import SavedPage, capture_of
from extractors.archive.unpack import Allowance, unpack
from extractors.archive.zips import ZipOfPages
from extractors.captures import RefusedInput, SkippedInput

_MAX_SIDECAR_BYTES = 64 * 1024
_HEAD_BYTES = 1 << 16
_COMPRESSED = re.compile(r"\.(?:gz|zst)$", re.IGNORECASE)
_CUT_SHORT = "length"
_DEEPEST = 4  # a page within a gzip file within a zip within a zip


def read_saved(path: Path, overrides: CaptureOverrides, max_body_bytes: int) -> Iterator[SavedItem]:
    """Yield every capture under a path, in the order of names.

    A refused file is yielded as a `RefusedInput`, and a part of a page in a folder or zip as a
    `SkippedInput`; neither stops the others.
    """
    reader = _Reader(overrides, max_body_bytes)
    if path.is_dir():
        yield from reader.read_folder(path)
    elif not _is_sidecar(path):
        yield from reader.read_file(path, path.name, is_named=True)


class _File(NamedTuple):
    """A file to read.

    Attributes:
        path: where it is.
        name: the name that it was found under, for its URL.
        label: the same for messages.
        sidecar: the content of its sidecar.
        time: its own time (naive UTC).
        is_named: whether the caller named it, and not only the folder or zip that holds it.
        depth: in how many files it is packed.
        allowance: how much may be unpacked of it; None if it is not packed itself.
        cut_short: why bytes are known to be missing at its end.
    """

    path: Path
    name: str
    label: str
    sidecar: bytes | None
    time: datetime
    is_named: bool = False
    depth: int = 0
    allowance: Allowance | None = None
    cut_short: str | None = None


class _Reader:
    """Reads files of every kind, and what is packed in them."""

    def __init__(self, overrides: CaptureOverrides, max_body_bytes: int) -> None:
        self._overrides = overrides
        self._max_body_bytes = max_body_bytes

    def read_folder(self, folder: Path) -> Iterator[SavedItem]:
        """Yield every capture in a folder and its folders."""
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        names = {path: PurePosixPath(path.relative_to(folder)) for path in files}
        companions = Companions(names.values(), lambda name: _head(folder / name))
        for path, name in names.items():
            if _is_sidecar(path) or is_hidden(name):
                continue
            if _leads_outside(path, folder) or _leads_outside(_sidecar_of(path), folder):
                yield RefusedInput(_printable(str(name)), "a link that leads out of the folder")
            elif companions.belong(name):
                yield SkippedInput(str(name), "a part of a saved page")
            else:
                yield from self.read_file(path, str(name))

    def read_file(self, path: Path, name: str, *, is_named: bool = False) -> Iterator[SavedItem]:
        """Yield every capture in a file that lies in a folder, maybe with a sidecar."""
        try:
            file = _file(path, name, is_named=is_named)
        except (OSError, ValueError) as error:  # a time beyond the calendar, too
            yield RefusedInput(_printable(name), short(error))
        else:
            yield from self.read(file)

    def read(self, file: _File) -> Iterator[SavedItem]:
        """Yield every capture in a file; an error becomes a refusal of the file."""
        try:
            yield from self._read(file)
        except READ_ERRORS as error:
            yield RefusedInput(_printable(file.label), short(error))

    def _read(self, file: _File) -> Iterator[SavedItem]:
        content = content_of(file.path, file.name)
        if content.kind is not Kind.PAGE and not file.path.stat().st_size:
            raise InputRefusedError("the file is empty")
        match content.kind:
            case Kind.WARC:
                yield from read_warc(file.path, self._overrides, self._max_body_bytes)
            case Kind.ARC | Kind.GZIP | Kind.ZSTD | Kind.ZIP:
                if file.depth == _DEEPEST:
                    raise InputRefusedError(f"packed in more than {_DEEPEST} files: unpack it")
                with tempfile.TemporaryDirectory(prefix="mptf-") as folder:
                    yield from self._read_packed(file, content.kind, Path(folder))
            case Kind.PART if not file.is_named:
                yield SkippedInput(file.label, content.what)
            case Kind.PART:
                raise InputRefusedError(f"not a page of the site: {content.what}")
            case Kind.OTHER:
                raise InputRefusedError(content.what)
            case Kind.PAGE:
                check_size(file.path.stat().st_size, self._max_body_bytes)
                page = SavedPage(
                    file.name, file.path.read_bytes(), file.sidecar, file.time, file.cut_short
                )
                yield capture_of(page, self._overrides)

    def _read_packed(self, file: _File, kind: Kind, folder: Path) -> Iterator[SavedItem]:
        """Yield what is packed in a file, unpacked to a folder."""
        if kind is Kind.ZIP:
            yield from self._read_zip(file, folder)
            return
        plain = folder / file.path.name
        if kind is Kind.ARC:
            yield from arc_to_warc(file.path, plain)
            yield from read_warc(plain, self._overrides, self._max_body_bytes)
            return
        allowance = file.allowance or Allowance(file.path.stat().st_size)
        problem = unpack(file.path, kind, plain, allowance)
        name = _COMPRESSED.sub("", file.name)
        is_page = content_of(plain, name).kind is Kind.PAGE
        if plain.stat().st_size:
            cut_short = _CUT_SHORT if problem and is_page else None
            yield from self.read(
                file._replace(
                    path=plain, name=name, allowance=allowance, depth=file.depth + 1,
                    cut_short=cut_short,
                )
            )  # fmt: skip
        if problem and not (is_page and plain.stat().st_size):
            yield RefusedInput(_printable(file.label), f"cut short: {problem}")

    def _read_zip(self, file: _File, folder: Path) -> Iterator[SavedItem]:
        """Yield the captures of a zip; a `../` in an entry's name has no effect."""
        allowance = file.allowance or Allowance(file.path.stat().st_size)
        prefix = f"{file.name}/" if file.depth else ""
        with zipfile.ZipFile(file.path) as archive:
            pages = ZipOfPages(archive, self._max_body_bytes, allowance)
            for name in pages.names():
                label = f"{file.label}:{name}"
                try:
                    if pages.skips(name):
                        yield SkippedInput(label, "a part of a saved page")
                        continue
                    path = pages.extract(name, folder)
                    entry = _File(
                        path, f"{prefix}{name}", label, pages.sidecar(name, _MAX_SIDECAR_BYTES),
                        pages.time(name) or file.time, depth=file.depth + 1, allowance=allowance,
                    )  # fmt: skip
                except READ_ERRORS as error:
                    yield RefusedInput(_printable(label), short(error))
                    continue
                yield from self.read(entry)
                path.unlink()


def _file(path: Path, name: str, *, is_named: bool) -> _File:
    modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    sidecar = _sidecar_of(path)
    return _File(
        path,
        name,
        label=name,
        sidecar=sidecar.read_bytes()[: _MAX_SIDECAR_BYTES + 1] if sidecar.is_file() else None,
        time=modified.replace(tzinfo=None, microsecond=0),
        is_named=is_named,
    )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def _printable(name: str) -> str:
    """Escape the bytes of a file name that are not text."""
    return name.encode(errors="backslashreplace").decode()


def _leads_outside(file: Path, folder: Path) -> bool:
    """Detect a link out of the folder: one who fills an inbox must not choose files elsewhere."""
    return file.is_symlink() and not file.resolve().is_relative_to(folder.resolve())


def _sidecar_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _is_sidecar(path: Path) -> bool:
    return path.suffix == ".json" and path.with_suffix("").is_file()

"""The files of a page's folder: written, or linked to those of an earlier page that are the same.

A file never depends on the release's name or day, so that it is the same in the next release.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from platform import python_version
from typing import NamedTuple

SUMS, INPUTS = "SHA256SUMS", "INPUTS"
_LINES_PER_FILE = 10_000
_CODE = ("webpage", "warehouse")  # packages whose code and texts decide what a page shows
# Altair's version is part of the name of a script that pages load.
_LIBRARIES = ("altair", "duckdb", "jinja2", "markupsafe")
_COMPILED = (".pyc", "__pycache__")


class WrittenFile(NamedTuple):
    """A file of the page.

    Attributes:
        name: its name within the page's folder.
        sha256: its hash.
        size: in bytes.
        inputs: the digest of all that it is made from; empty if it is made for every release.
    """

    name: str
    sha256: str
    size: int
    inputs: str = ""


class PageFolder:
    """The folder of a page that is being written, and the page of the release before.

    Files that are the same in both are hard links, or copies where the file system has no links.
    A file of the earlier page is read whole and compared with its checksum before it is linked:
    what a disk or a person has damaged is written anew.
    """

    def __init__(self, path: Path, earlier: Path | None = None, code: str = "") -> None:
        """Write to `path`; `code` is `code_digest()`."""
        self.path = path
        self._earlier_path, self._code = earlier, code
        self._folders: set[str] = set()  # that this process has made

    def __reduce__(self) -> tuple[type["PageFolder"], tuple[Path, Path | None, str]]:
        """Leave to each process to read what the earlier page has."""
        return PageFolder, (self.path, self._earlier_path, self._code)

    def write(self, name: str, content: bytes) -> WrittenFile:
        """Write one file, or link it if the earlier page has the same; create its folder."""
        sha256 = hashlib.sha256(content).hexdigest()
        same = self._sums.get(name) == sha256 and self.intact(name) is not None
        return self._place(WrittenFile(name, sha256, len(content)), content, same=same)

    def files(
        self, subject: str, inputs: Iterable[object], make: Callable[[], Iterable[WrittenFile]]
    ) -> list[WrittenFile]:
        """Return the files of a subject: those of the earlier page, else those that `make` writes.

        Args:
            subject: what the files are about, such as `fund/PB000`.
            inputs: everything from which they are made, except code: texts, numbers, rows.
            make: write them to this folder.
        """
        key = self.key(subject, inputs)
        return self.unchanged(key) or [file._replace(inputs=key) for file in make()]

    def key(self, subject: str, inputs: Iterable[object]) -> str:
        """Return the digest of a subject, of all from which its files are made, and of the code."""
        digest = hashlib.sha256(f"{self._code} {subject}".encode())
        for given in inputs:
            digest.update(f"\n{given!r}".encode(errors="surrogatepass"))
        return digest.hexdigest()[:32]

    def unchanged(self, key: str) -> list[WrittenFile]:
        """Link the earlier page's files of a key; none if it has none, or if one is damaged."""
        found = {name: self.intact(name) for name in self._names.get(key, [])}
        if None in found.values():
            return []
        return [
            self._place(WrittenFile(name, self._sums[name], len(content), key), content, same=True)
            for name, content in found.items()
            if content is not None
        ]

    def intact(self, name: str) -> bytes | None:
        """Return a file of the earlier page if it has one and its checksum holds."""
        if self._earlier_path is None:
            return None
        try:  # with a text as the path: a page has tens of thousands of files
            with open(f"{self._earlier_path}/{name}", "rb", buffering=0) as file:  # noqa: PTH123
                content = file.read()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == self._sums.get(name) else None

    def finish(self, written: Iterable[WrittenFile]) -> int:
        """Write the lists of inputs and checksums, and return the number of files they list."""
        listed = sorted(written)
        parts = _parts((file.inputs, file.name) for file in listed if file.inputs)
        lists = [
            self.write(_part_name(INPUTS, number), part) for number, part in enumerate(parts, 1)
        ]
        listed = sorted([*listed, *lists])
        for number, part in enumerate(_parts((file.sha256, file.name) for file in listed), 1):
            self.write(_part_name(SUMS, number), part)
        return len(listed)

    def _place(self, written: WrittenFile, content: bytes, *, same: bool) -> WrittenFile:
        """Link a file of the earlier page that is the same, else write it."""
        file = f"{self.path}/{written.name}"
        folder = file.rpartition("/")[0]
        if folder not in self._folders:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
        if same:
            # There may be such a file, another file system, one without links, or too many of them.
            with suppress(OSError):
                os.link(f"{self._earlier_path}/{written.name}", file)
                return written
        Path(file).unlink(missing_ok=True)  # which may be a link to a file of another page
        Path(file).write_bytes(content)
        return written

    @cached_property
    def _sums(self) -> dict[str, str]:
        """The checksum of each file of the earlier page."""
        if self._earlier_path is None:
            return {}
        return {
            name: sha256
            for part in self._found(SUMS)
            for sha256, name in _lines((self._earlier_path / part).read_bytes())
        }

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """The files of the earlier page by the digest of what they were made from.

        Empty if a part of the list is damaged: the files of one subject may be in two parts.
        """
        names = {*self._found(INPUTS), *(name for name in self._sums if name.startswith(INPUTS))}
        parts = [self.intact(name) for name in sorted(names)]
        found: dict[str, list[str]] = {}
        for part in parts if None not in parts else []:
            for key, name in _lines(part or b""):
                found.setdefault(key, []).append(name)
        return found

    def _found(self, stem: str) -> list[str]:
        """Return the names of the parts of a list of the earlier page."""
        if self._earlier_path is None:
            return []
        return sorted(file.name for file in self._earlier_path.glob(f"{stem}*"))


def code_digest() -> str:
    """Return a digest of the code, templates, scripts and queries from which pages are made."""
    digest = hashlib.sha256(python_version().encode())  # and of Unicode, by which files are named
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    for package in _CODE:
        for name, file in sorted(_sources(files(package), package)):
            content = file.read_bytes()
            digest.update(f"{name} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()


def _sources(folder: Traversable, name: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.name.endswith(_COMPILED):
            continue
        if entry.is_dir():
            yield from _sources(entry, f"{name}/{entry.name}")
        else:
            yield f"{name}/{entry.name}", entry


def _lines(part: bytes) -> Iterator[tuple[str, str]]:
    """Yield the digests and names in a part of a list."""
    for line in part.decode(errors="replace").splitlines():
        digest, _, name = line.partition("  ")
        yield digest, name


def _parts(rows: Iterable[tuple[str, str]]) -> list[bytes]:
    """Return lines `digest  name`, as `sha256sum --check` reads them, in parts of bounded size."""
    lines = [f"{digest}  {name}\n" for digest, name in rows]
    return [
        "".join(lines[start : start + _LINES_PER_FILE]).encode()
        for start in range(0, len(lines), _LINES_PER_FILE)
    ]


def _part_name(stem: str, number: int) -> str:
    return f"{stem}-{number}" if number > 1 else stem

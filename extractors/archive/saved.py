"""Saved captures: a file, a folder, a zip or a WARC, each page with its address and capture time.

The capture time is the caller's, else the WARC record's or the sidecar's (`page.html.json` beside
`page.html`, with `url` and `captured_at`), else the page's own clock, else the file's time. Which
of these it was is part of the capture. A page without an address is known as `file:NAME`.
"""

import json
import os
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from extractors.archive.foreign_warc import captures_of
from extractors.archive.inputs import (
    READ_ERRORS,
    CaptureOverrides,
    FindBody,
    SavedItem,
    UnusableError,
    check_size,
    checked_url,
    short,
)
from extractors.archive.page_clock import page_clock
from extractors.archive.warc import parse_time
from extractors.captures import NewCapture, NotCaptured

_SIDECAR_BYTES = 64 * 1024


def find_saved(
    path: Path,
    given: CaptureOverrides,
    max_body_bytes: int,
    held: FindBody = lambda _url, _time: None,
) -> Iterator[SavedItem]:
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
    path: Path, name: str, given: CaptureOverrides, max_body_bytes: int, held: FindBody
) -> Iterator[SavedItem]:
    try:
        if path.name.lower().endswith((".warc", ".warc.gz")):
            yield from captures_of(path, given, max_body_bytes, held)
        elif path.suffix.lower() == ".zip":
            yield from _from_zip(path, given, max_body_bytes)
        else:
            yield _from_page(path, name, given, max_body_bytes)
    except READ_ERRORS as error:
        yield NotCaptured(_legible(name), short(error))


def _legible(name: str) -> str:
    """A file's name as text, which on some systems it need not be."""
    return name.encode(errors="backslashreplace").decode()


def _leads_out(file: Path, folder: Path) -> bool:
    """Whether a file is linked from elsewhere: who fills an inbox chooses nothing outside it."""
    return file.is_symlink() and not file.resolve().is_relative_to(folder.resolve())


def _from_page(path: Path, name: str, given: CaptureOverrides, max_body_bytes: int) -> NewCapture:
    check_size(path.stat().st_size, max_body_bytes)
    sidecar = _sidecar_of(path)
    beside = sidecar.read_bytes()[: _SIDECAR_BYTES + 1] if sidecar.is_file() else None
    return _capture(path.read_bytes(), name, given, beside, _saved_at(path))


def _from_zip(
    path: Path, given: CaptureOverrides, max_body_bytes: int
) -> Iterator[NewCapture | NotCaptured]:
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
            except READ_ERRORS as error:
                yield NotCaptured(f"{path.name}:{name}", short(error))


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
    check_size(len(body), max_bytes)
    return body


def _capture(
    body: bytes, name: str, given: CaptureOverrides, sidecar: bytes | None, saved_at: datetime
) -> NewCapture:
    beside = _read_sidecar(sidecar) if sidecar is not None else CaptureOverrides()
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


def _read_sidecar(content: bytes) -> CaptureOverrides:
    try:
        told = json.loads(content)
        url, time = told.get("url"), told.get("captured_at")
        return CaptureOverrides(parse_time(time) if time is not None else None, url)
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise UnusableError(
            f"its sidecar is not JSON with `url` and `captured_at`: {error}"
        ) from error


def _sidecar_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _is_sidecar(path: Path) -> bool:
    return path.suffix == ".json" and path.with_suffix("").is_file()


def _is_hidden(inside: Path | PurePosixPath) -> bool:
    return any(
        (part.startswith(".") and part != "..") or part == "__MACOSX" for part in inside.parts
    )

"""Captures from saved inputs: a file, a folder, a zip or a WARC.

The capture time is the caller's, or else that of the WARC record or the sidecar (`page.html.json`
beside `page.html`, with `url` and `captured_at`), or else the page's own clock, or else the file's
time. The capture says which. A page without a URL gets the URL `file:NAME`.
"""

import json
import os
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from extractors.archive.foreign_warc import read_warc
from extractors.archive.inputs import (
    READ_ERRORS,
    CaptureOverrides,
    InputRefusedError,
    SavedItem,
    check_size,
    checked_url,
    short,
)
from extractors.archive.page_clock import page_clock
from extractors.archive.warc import parse_time
from extractors.captures import NewCapture, RefusedInput

_MAX_SIDECAR_BYTES = 64 * 1024


def read_saved(path: Path, overrides: CaptureOverrides, max_body_bytes: int) -> Iterator[SavedItem]:
    """Yield every capture under a path, in the order of names.

    A refused file is yielded as a `RefusedInput`; it does not stop the others.
    """
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            name = file.relative_to(path)
            if not file.is_file() or _is_sidecar(file) or _is_hidden(name):
                continue
            if _leads_outside(file, path) or _leads_outside(_sidecar_of(file), path):
                yield RefusedInput(_printable(str(name)), "a link that leads out of the folder")
            else:
                yield from _read_file(file, str(name), overrides, max_body_bytes)
    elif not _is_sidecar(path):
        yield from _read_file(path, path.name, overrides, max_body_bytes)


def _read_file(
    path: Path, name: str, overrides: CaptureOverrides, max_body_bytes: int
) -> Iterator[SavedItem]:
    try:
        if path.name.lower().endswith((".warc", ".warc.gz")):
            yield from read_warc(path, overrides, max_body_bytes)
        elif path.suffix.lower() == ".zip":
            yield from _read_zip(path, overrides, max_body_bytes)
        else:
            yield _read_page(path, name, overrides, max_body_bytes)
    except READ_ERRORS as error:
        yield RefusedInput(_printable(name), short(error))


def _printable(name: str) -> str:
    """Escape the bytes of a file name that are not text."""
    return name.encode(errors="backslashreplace").decode()


def _leads_outside(file: Path, folder: Path) -> bool:
    """Detect a link out of the folder: one who fills an inbox must not choose files elsewhere."""
    return file.is_symlink() and not file.resolve().is_relative_to(folder.resolve())


def _read_page(
    path: Path, name: str, overrides: CaptureOverrides, max_body_bytes: int
) -> NewCapture:
    check_size(path.stat().st_size, max_body_bytes)
    file = _sidecar_of(path)
    sidecar = file.read_bytes()[: _MAX_SIDECAR_BYTES + 1] if file.is_file() else None
    return _capture(path.read_bytes(), name, overrides, sidecar, _modified_at(path))


def _read_zip(
    path: Path, overrides: CaptureOverrides, max_body_bytes: int
) -> Iterator[NewCapture | RefusedInput]:
    """Yield the entries, read in memory and never extracted, so `../` in a name has no effect."""
    with zipfile.ZipFile(path) as archive:
        entries = {info.filename: info for info in archive.infolist() if not info.is_dir()}
        for name in sorted(entries):
            is_sidecar = name.endswith(".json") and name.removesuffix(".json") in entries
            if is_sidecar or _is_hidden(PurePosixPath(name)):
                continue
            try:
                body = _read_entry(archive, entries[name], max_body_bytes)
                beside = entries.get(f"{name}.json")
                sidecar = _read_entry(archive, beside, _MAX_SIDECAR_BYTES) if beside else None
                saved_at = _entry_time(entries[name]) or _modified_at(path)
                yield _capture(body, name, overrides, sidecar, saved_at)
            except READ_ERRORS as error:
                yield RefusedInput(f"{path.name}:{name}", short(error))


def _entry_time(info: zipfile.ZipInfo) -> datetime | None:
    """Return the time of an entry, which has no time zone; None if it is invalid."""
    try:
        return datetime(*info.date_time)  # noqa: DTZ001 because a zip has no zone
    except ValueError:
        return None


def _modified_at(path: Path) -> datetime:
    time = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return time.replace(tzinfo=None, microsecond=0)


def _read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, max_bytes: int) -> bytes:
    """Read an entry; its bytes are counted, because the size in its header may be false."""
    with archive.open(info) as file:
        body = file.read(max_bytes + 1)
    check_size(len(body), max_bytes)
    return body


def _capture(
    body: bytes, name: str, overrides: CaptureOverrides, sidecar: bytes | None, saved_at: datetime
) -> NewCapture:
    beside = _parse_sidecar(sidecar) if sidecar is not None else CaptureOverrides()
    if overrides.captured_at:
        captured_at, source = overrides.captured_at, "option"
    elif beside.captured_at:
        captured_at, source = beside.captured_at, "sidecar"
    elif printed := page_clock(body):
        captured_at, source = printed, "page_clock"
    else:
        captured_at, source = saved_at, "file_time"
    url = overrides.url or beside.url
    return NewCapture(
        url=checked_url(url) if url else f"file:{quote(os.fsencode(name))}",
        captured_at=captured_at,
        captured_at_source=source,
        source="saved",
        body=body,
    )


def _parse_sidecar(content: bytes) -> CaptureOverrides:
    try:
        fields = json.loads(content)
        url, time = fields.get("url"), fields.get("captured_at")
        return CaptureOverrides(parse_time(time) if time is not None else None, url)
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise InputRefusedError(
            f"its sidecar is not JSON with `url` and `captured_at`: {error}"
        ) from error


def _sidecar_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _is_sidecar(path: Path) -> bool:
    return path.suffix == ".json" and path.with_suffix("").is_file()


def _is_hidden(name: Path | PurePosixPath) -> bool:
    return any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in name.parts)

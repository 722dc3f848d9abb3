"""The captures that a target of `mptf forget` names: a capture, a run, or a saved file."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

from extractors.archive.foreign.revisits import Revisits
from extractors.archive.inputs import CaptureOverrides
from extractors.archive.saved import read_saved
from extractors.captures import NewCapture, RevisitCapture
from extractors.errors import UsageError
from flows.pipeline.bodies import ArchivedBodies
from flows.pipeline.home import Home
from warehouse.connection import Connection, one
from warehouse.forgetting import KnownCapture, known_captures

_FILE_URL = re.compile(r"file://[^/]*(/.+)")
_CAPTURE_ID = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
_SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.IGNORECASE)
_RUN_ID = re.compile(r"(?:mptf-)?(\d{8}T\d{6}Z-[0-9a-f]{8})(?:\.warc\.gz(?:\.open)?)?")


class UnknownTargetError(UsageError):
    """A target of which the archive has no capture; the message says what a target looks like."""


def captures_named(home: Home, con: Connection, targets: Iterable[str]) -> dict[str, KnownCapture]:
    """Return the captures that some targets name, by ID, forgotten and erased ones too.

    Raises:
        UnknownTargetError: the archive never had a capture that a target names.
    """
    return {
        capture.capture_id: capture
        for target in targets
        for capture in _captures_named(home, con, target)
    }


def _captures_named(home: Home, con: Connection, target: str) -> list[KnownCapture]:
    path = _path_of(target)
    if match := _RUN_ID.fullmatch(Path(target).name):
        found = known_captures(con, "run_id", [match[1]])
        if found or one(con, "SELECT 1 FROM meta.run WHERE run_id = ?", [match[1]]):
            return found
    elif _exists(path):
        found = list(_captures_of_file(home, con, path))
    elif _CAPTURE_ID.fullmatch(target):
        found = known_captures(con, "capture_id", [target.lower()])
    elif match := _SHA256.fullmatch(target):
        found = known_captures(con, "body_sha256", [match[1].lower()])
    else:
        found = known_captures(con, "url", [target]) if target.startswith("file:") else []
    if not found:
        raise UnknownTargetError(
            f"{target!r} names no capture of this home: give a capture_id or run_id as in"
            " raw.capture, a file that was loaded, or the SHA-256 of a page"
        )
    return found


def _path_of(target: str) -> Path:
    """Return the path that a target is, or that its `file://` URL names."""
    of_url = _FILE_URL.fullmatch(target)
    return Path(unquote(of_url[1]) if of_url else target)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # longer than a path may be
        return False


def _captures_of_file(home: Home, con: Connection, path: Path) -> Iterator[KnownCapture]:
    """Yield the captures that came from a saved file, a folder, a zip or a WARC."""
    revisits = Revisits()
    found = [*revisits.resolved(read_saved(path, CaptureOverrides(), home.settings.max_body_bytes))]
    archived = ArchivedBodies(home.archive, con, revisits.urls())
    items = [
        item
        for item in (*found, *revisits.rest(archived.find))
        if isinstance(item, NewCapture | RevisitCapture)
    ]
    told: dict[tuple[str, str], set[datetime]] = {}
    for item in items:
        told.setdefault((item.source, item.body_sha256), set()).add(item.captured_at)
    for capture in known_captures(con, "body_sha256", {item.body_sha256 for item in items}):
        if _came_from(capture, told):
            yield capture


def _came_from(capture: KnownCapture, told: Mapping[tuple[str, str], set[datetime]]) -> bool:
    """Return whether a capture is of a file that tells some times of each source and body.

    The bytes tell, because options replace URLs and times, and a saved page may have its file's
    time. But the same page stands in WARCs of several times: the time of a record counts.
    """
    if capture.source is None:  # erased, with all captures of its body
        return True
    times = told.get((capture.source, capture.body_sha256), set())
    return bool(times) and (capture.captured_at_source != "warc" or capture.captured_at in times)

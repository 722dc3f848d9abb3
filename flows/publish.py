"""A release for analysts: built aside, read as its readers will, and only then put in its place."""

import os
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from extractors.archive.reader import sync_folder
from flows.pipeline.home import Home
from flows.pipeline.workers import worker_count, worker_pool
from flows.releases import (
    FILE,
    LATEST,
    LATEST_FILE,
    Release,
    file_of,
    newest_file,
    next_release,
    releases,
    remove,
    superfluous,
)
from warehouse.package import WORKBOOK, Origin
from warehouse.release import build, checked, export, write_changes, write_sums
from warehouse.workbook import write_workbook
from webpage.site import write_page

_BUILDING, _PAGE = ".building", "page"
_BYTES_A_HELPER = 64 * 2**20  # of a warehouse; starting one for less takes longer than it saves


class Published(NamedTuple):
    """A release that is in its place: its file, its rows, and what it has that is new."""

    file: Path
    rows: int
    changes: dict[str, int]
    removed: list[str]


def publish(
    home: Home, now: datetime, day: date, *, to: Path | None = None, wait: float = 0
) -> Published:
    """Publish the warehouse as it is. Killed at any moment, `latest` is the old release or the new.

    Raises:
        HomeBusyError: another process is writing to this home, and still is after `wait` seconds.
        WarehouseMissingError, WarehouseVersionError: there is nothing to publish.
        WarehouseError: what was built is not what the warehouse holds; nothing is published.
    """
    folder = to or home.releases
    with home.writing("publish", now, wait=wait):
        release = next_release(folder, day)
        building = folder / _BUILDING
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        try:
            rows, found = _built(home, building, release, newest_file(folder))
            _put_in_place(folder, building, release)
        finally:
            shutil.rmtree(building, ignore_errors=True)
        old = superfluous(releases(folder), home.settings.keep_releases)
        for each in old:
            remove(folder, each)
        for each in releases(folder)[: -home.settings.keep_pages or None]:
            shutil.rmtree(folder / each.name / _PAGE, ignore_errors=True)
    return Published(file_of(folder, release), rows, found, [each.name for each in old])


def _built(
    home: Home, building: Path, release: Release, before: Path | None
) -> tuple[int, dict[str, int]]:
    file = building / FILE
    with worker_pool(_helpers(home)) as pool:
        build(home.warehouse, file)
        rows = pool.submit(checked, file, home.warehouse).result()
        sheets = pool.submit(write_workbook, file, building / WORKBOOK, release.name, release.day)
        if home.settings.keep_pages:
            earlier = before and before.with_suffix("") / _PAGE
            write_page(file, building / _PAGE, release.name, release.day, pool, earlier)
        export(file, building, release.name, release.day, _origin(home), sheets)
    found = write_changes(file, before, building / "changes.json")
    write_sums(building)
    for path in building.rglob("*"):
        if path.is_file():
            with path.open("rb") as written:
                os.fsync(written.fileno())
    return rows, found


def _origin(home: Home) -> Origin:
    told = home.settings
    return Origin(told.known_as or told.base_url, told.publisher, told.licence)


def _helpers(home: Home) -> int:
    """How many processes help to read and show a release."""
    size = home.warehouse.stat().st_size if home.warehouse.exists() else 0
    return max(1, min(worker_count(home.settings), 1 + size // _BYTES_A_HELPER))


def _put_in_place(folder: Path, building: Path, release: Release) -> None:
    """First the folder, whole; then the file beside it; then `latest`: each in one go."""
    place = folder / release.name
    building.rename(place)
    os.link(place / FILE, file_of(folder, release))
    _point(folder / LATEST, release.name)
    _point(folder / LATEST_FILE, f"{LATEST}/{FILE}")
    sync_folder(folder)


def _point(link: Path, target: str) -> None:
    new = link.with_name(f".{link.name}")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)

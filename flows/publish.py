"""Publishing a release: build it in a temporary folder, check it, and move it into place."""

import os
import shutil
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from extractors.archive.reader import sync_folder
from flows.feed import write_feed
from flows.pipeline.home import Home
from flows.pipeline.pool import worker_count, worker_pool
from flows.pipeline.stopping import check_room, free_bytes
from flows.releases import (
    FILE,
    LATEST,
    LATEST_FILE,
    Release,
    expired_releases,
    file_of,
    newest_file,
    next_release,
    releases,
    remove,
)
from warehouse.connection import open_reader
from warehouse.release_changes import Changes, Origin, write_changes
from warehouse.runs import changed_since
from warehouse.sheets import WORKBOOK, Sheet
from warehouse.workbook import write_workbook
from webpage.site import write_page

_BUILDING, _PAGE = ".building", "page"
# Of a warehouse; for less, starting a process costs more than it saves.
_BYTES_A_HELPER = 64 * 2**20


class Published(NamedTuple):
    """A published release.

    Attributes:
        file: its DuckDB file.
        rows: how many rows it has.
        changes: the number of changes since the previous release, by kind.
        removed: the names of releases that were removed.
    """

    file: Path
    rows: int
    changes: dict[str, int]
    removed: list[str]


def publish(
    home: Home, now: datetime, day: date, *, to: Path | None = None, wait: float = 0
) -> Published:
    """Publish the warehouse. If it is killed, `latest` is the old release or the new one.

    Raises:
        HomeBusyError: another process is writing to this home, and still is after `wait` seconds.
        WarehouseMissingError, WarehouseVersionError: there is nothing to publish.
        NoRoomError: it would not fit on the disk.
        WarehouseError: the built file differs from the warehouse; nothing is published.
    """
    folder = to or home.releases
    with home.writing("publish", now, wait=wait, archive="none"):
        release = next_release(folder, day)
        building = folder / _BUILDING
        shutil.rmtree(building, ignore_errors=True)  # of a killed run: it would count as used
        check_room(
            "a release", 2 * home.warehouse.stat().st_size if home.warehouse.exists() else 0,
            free_bytes(folder), home.settings.min_free_mb,
        )  # fmt: skip
        building.mkdir(parents=True)
        try:
            rows, changes = _build(home, building, release, newest_file(folder))
            _move_into_place(folder, building, release)
        finally:
            shutil.rmtree(building, ignore_errors=True)
        expired = expired_releases(releases(folder), home.settings.keep_releases)
        for old in expired:
            remove(folder, old)
        for old in releases(folder)[: -home.settings.keep_pages or None]:
            shutil.rmtree(folder / old.name / _PAGE, ignore_errors=True)
        origin = _origin(home)
        write_feed(folder, origin.site, origin.publisher)
    return Published(file_of(folder, release), rows, changes, [old.name for old in expired])


def is_behind(home: Home, now: datetime, *, wait: float = 0) -> bool:
    """Return whether a run has loaded or changed something since the newest release was built.

    That may be a run of another command, such as `ingest`, or one whose release failed.

    Raises:
        HomeBusyError: another process is writing to this home, and still is after `wait` seconds.
    """
    with home.writing("publish", now, wait=wait, archive="none"):
        newest = newest_file(home.releases)
        built_at = datetime.fromtimestamp(newest.stat().st_mtime, UTC) if newest else None
        with closing(open_reader(home.warehouse)) as con:
            return changed_since(con, built_at and built_at.replace(tzinfo=None))


def _build(
    home: Home, building: Path, release: Release, previous: Path | None
) -> tuple[int, dict[str, int]]:
    """Write a release's folder; return its number of rows and of changes by kind."""
    file, settled = building / FILE, building / ".settled.duckdb"
    named, origin, helpers = (release.name, release.day), _origin(home), _helpers(home)
    with ExitStack() as processes:
        pool = processes.enter_context(worker_pool(1))
        rows, changes = pool.submit(_build_file, home.warehouse, file, settled, previous).result()
        if helpers > 1:
            processes.close()  # whose memory those that write can use
            pool = processes.enter_context(worker_pool(helpers))
        workbook = pool.submit(write_workbook, settled, building / WORKBOOK, *named)
        if home.settings.keep_pages:
            earlier = previous and previous.with_suffix("") / _PAGE
            write_page(settled, building / _PAGE, *named, pool, earlier, origin, changes)
        sheets = workbook.result()
    _export(file, settled, building, named, origin, sheets)
    _sync(building)
    return rows, changes.counts


# A process that waits for others imports nothing that only they need: it would hold 100 MB for it.


def _build_file(
    source: Path, file: Path, settled: Path, previous: Path | None
) -> tuple[int, Changes]:
    """Build a release's file and its copy with settled rows; return its rows and changes."""
    from warehouse.release import build, checked  # noqa: PLC0415 because a process beside imports it
    from warehouse.settled import settle  # noqa: PLC0415 because a process beside imports it

    build(source, file)
    rows = checked(file, source)
    settle(file, settled)
    return rows, write_changes(file, previous, file.with_name("changes.json"))


def _export(
    file: Path, settled: Path, folder: Path, named: tuple[str, date], origin: Origin,
    sheets: list[Sheet],
) -> None:  # fmt: skip
    """Write a release's other forms and the sums, once the processes beside have ended."""
    from warehouse.release import export, write_sums  # noqa: PLC0415 because others work before it

    export(file, settled, folder, *named, origin, sheets)
    settled.unlink()
    write_sums(folder)


def _sync(folder: Path) -> None:
    """Bring a folder to the disk, except files that are links to those of an earlier release."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            sync_folder(path)
        elif path.stat().st_nlink == 1 or path.parent == folder:
            with path.open("rb") as written:
                os.fsync(written.fileno())


def _origin(home: Home) -> Origin:
    settings = home.settings
    return Origin(settings.known_as or settings.base_url, settings.publisher, settings.licence)


def _helpers(home: Home) -> int:
    """Return how many processes write a release's page and workbook."""
    size = home.warehouse.stat().st_size if home.warehouse.exists() else 0
    return max(1, min(worker_count(home.settings), 1 + size // _BYTES_A_HELPER))


def _move_into_place(folder: Path, building: Path, release: Release) -> None:
    """Publish the folder, then the file beside it, then `latest`; each step is atomic."""
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

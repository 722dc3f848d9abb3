"""The releases in a folder: their names, the newest, and those to keep."""

import re
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

_NAME = re.compile(r"mptf-(\d{4}-\d{2}-\d{2})(?:\.(\d+))?")
LATEST, LATEST_FILE = "latest", "latest.duckdb"
FILE = "mptf.duckdb"  # within a release's folder


class Release(NamedTuple):
    """A release; of several on one day, the one with the highest number is the newest."""

    day: date
    number: int

    @property
    def name(self) -> str:
        """Return `mptf-2026-11-26`, or `mptf-2026-11-26.2`."""
        return f"mptf-{self.day:%Y-%m-%d}{f'.{self.number}' if self.number > 1 else ''}"


def releases(folder: Path) -> list[Release]:
    """Return all releases, oldest first."""
    return named(path.stem for path in folder.glob("mptf-*.duckdb"))


def named(names: Iterable[str]) -> list[Release]:
    """Return the releases that have these names, oldest first."""
    found = (_NAME.fullmatch(name) for name in names)
    return sorted(
        Release(date.fromisoformat(match[1]), int(match[2] or 1)) for match in found if match
    )


def file_of(folder: Path, release: Release) -> Path:
    """Return a release's DuckDB file."""
    return folder / f"{release.name}.duckdb"


def newest_file(folder: Path) -> Path | None:
    """Return the newest release's DuckDB file, if there is one."""
    found = releases(folder)
    return file_of(folder, found[-1]) if found else None


def next_release(folder: Path, day: date) -> Release:
    """Return the next release of a day; numbers are never reused."""
    names = (path.name.removesuffix(".duckdb") for path in folder.glob(f"mptf-{day:%Y-%m-%d}*"))
    used = [int(match[2] or 1) for name in names if (match := _NAME.fullmatch(name))]
    return Release(day, max(used, default=0) + 1)


def expired_releases(found: list[Release], keep: int) -> list[Release]:
    """Return the releases to remove: all but the newest `keep` and the last of each month.

    So every year-end stays available.
    """
    last_of_month = {(release.day.year, release.day.month): release for release in found}
    kept = {*found[-keep:], *last_of_month.values()}
    return [release for release in found if release not in kept]


def remove(folder: Path, release: Release) -> None:
    """Remove a release; programs that have it open can still read it."""
    file_of(folder, release).unlink(missing_ok=True)
    shutil.rmtree(folder / release.name, ignore_errors=True)

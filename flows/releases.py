"""The releases of a home: their names, which is the newest, and which are kept."""

import re
import shutil
from datetime import date
from pathlib import Path
from typing import NamedTuple

_NAME = re.compile(r"mptf-(\d{4}-\d{2}-\d{2})(?:\.(\d+))?")
LATEST, LATEST_FILE = "latest", "latest.duckdb"
FILE = "mptf.duckdb"  # within a release's folder


class Release(NamedTuple):
    """One release; of several of one day the greater number is the newer."""

    day: date
    number: int

    @property
    def name(self) -> str:
        """`mptf-2026-11-26`, or `mptf-2026-11-26.2`."""
        return f"mptf-{self.day:%Y-%m-%d}{f'.{self.number}' if self.number > 1 else ''}"


def releases(folder: Path) -> list[Release]:
    """All that are there, the oldest first."""
    names = (path.stem for path in folder.glob("mptf-*.duckdb"))
    found = (_NAME.fullmatch(name) for name in names)
    return sorted(
        Release(date.fromisoformat(match[1]), int(match[2] or 1)) for match in found if match
    )


def file_of(folder: Path, release: Release) -> Path:
    """A release's DuckDB file."""
    return folder / f"{release.name}.duckdb"


def newest_file(folder: Path) -> Path | None:
    """The newest release's DuckDB file, if there is one."""
    found = releases(folder)
    return file_of(folder, found[-1]) if found else None


def next_release(folder: Path, day: date) -> Release:
    """The next one of a day; a number that was given once is not given again."""
    names = (path.name.removesuffix(".duckdb") for path in folder.glob(f"mptf-{day:%Y-%m-%d}*"))
    taken = [int(match[2] or 1) for name in names if (match := _NAME.fullmatch(name))]
    return Release(day, max(taken, default=0) + 1)


def superfluous(found: list[Release], keep: int) -> list[Release]:
    """Those that need not be kept.

    Kept are the newest ones, as many as said, and the last of every month that has ended: each
    year-end stays.
    """
    last_of_month = {(release.day.year, release.day.month): release for release in found}
    kept = {*found[-keep:], *last_of_month.values()}
    return [release for release in found if release not in kept]


def remove(folder: Path, release: Release) -> None:
    """Remove a release; who has it open keeps it."""
    file_of(folder, release).unlink(missing_ok=True)
    shutil.rmtree(folder / release.name, ignore_errors=True)

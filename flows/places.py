"""The places of a home: all that a command needs which only reads its tables."""

import fcntl
import json
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from extractors.errors import MptfError
from extractors.objects import is_bucket
from flows.settings import Settings

ARCHIVE = "archive"  # folder of the archive, and of what is fetched from one in a bucket


class HomeBusyError(MptfError):
    """Another process is writing to this home, or another home to its archive; it says which."""


class Holder(NamedTuple):
    """The command that holds a home for writing, its process, and since when (naive UTC)."""

    command: str
    pid: int
    since: datetime


class Places:
    """The places of one home, with its settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.home
        self.warehouse = self.folder / "warehouse.duckdb"
        self.releases = self.folder / "releases"
        self.lock = self.folder / "writer.lock"
        place = settings.archive
        elsewhere = place is not None and not is_bucket(place)
        self.archive_folder = Path(place) if place and elsewhere else self.folder / ARCHIVE

    def holder(self) -> Holder | None:
        """Return who holds the home for writing, if anybody does and its lock says who.

        It takes the lock for a moment, so ask only while the working file is busy.
        """
        return last_holder(self.lock) if self.lock.exists() and _is_held(self.lock) else None


def last_holder(lock: Path) -> Holder | None:
    """Return who took a lock last, if it says so."""
    try:
        told = json.loads(lock.read_text())
        since = datetime.strptime(told["since"], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 because every time here is naive UTC
        return Holder(told["command"], told["pid"], since)
    except (ValueError, KeyError, TypeError, OSError):
        return None


def _is_held(lock: Path) -> bool:
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False

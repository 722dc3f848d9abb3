"""How long a rebuild takes and how much disk it needs, said before it starts."""

from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from flows.pipeline.home import Home
from flows.pipeline.stopping import free_bytes, megabytes
from flows.terminal import counted
from warehouse import ledger
from warehouse.connection import open_reader
from warehouse.parse_cache import known_before

_SECONDS_A_CAPTURE = 0.007  # where no rebuild has run yet: measured with pages of 16 kB


class Estimate(NamedTuple):
    """What a rebuild is going to cost.

    Attributes:
        captures: how many captures the old file knows; None if it cannot be read.
        archive_bytes: the size of the archive.
        read_bytes: how much of it an earlier rebuild, which was cut short, has read.
        seconds: how long the rest takes; None if the old file cannot be read.
        disk_bytes: how much more the new file needs.
        free_bytes: how much is free on its disk.
    """

    captures: int | None
    archive_bytes: int
    read_bytes: int
    seconds: float | None
    disk_bytes: int
    free_bytes: int

    def __str__(self) -> str:
        """Return it as one line."""
        known = self.captures
        captures = f"{counted(known, 'capture')}, " if known is not None else ""
        before = f" ({megabytes(self.read_bytes)} read before)" if self.read_bytes else ""
        if self.seconds is None:
            needs = "time and disk unknown, for lack of a readable warehouse"
        else:
            needs = f"about {_duration(self.seconds)}, {megabytes(self.disk_bytes)} of disk"
        return (
            f"{captures}{megabytes(self.archive_bytes)} of archive{before}: {needs}"
            f" ({megabytes(self.free_bytes)} free)"
        )


def estimate(home: Home, *, continues: bool) -> Estimate:
    """Return what a rebuild of a home is going to cost, by the old file and the last rebuild.

    The new file is taken to become as large as the old one. `continues` says whether the rebuild
    goes on with what an earlier one left.
    """
    archive = sum(home.archive.size(name) for name in home.archive.files())
    read = _read_before(home.building) if continues else 0
    known = known_before(home.warehouse)
    seconds = None
    if known is not None:
        rate = known.seconds_a_capture or _SECONDS_A_CAPTURE
        seconds = known.captures * rate * (1 - read / max(archive, 1))
    return Estimate(
        captures=None if known is None else known.captures,
        archive_bytes=archive,
        read_bytes=read,
        seconds=seconds,
        disk_bytes=max(0, _size(home.warehouse) - (_size(home.building) if continues else 0)),
        free_bytes=free_bytes(home.folder),
    )


def _read_before(building: Path) -> int:
    con = open_reader(building)
    try:
        return sum(ledger.indexed_bytes(con).values())
    finally:
        con.close()


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _duration(seconds: float) -> str:
    """Return a time as `H:MM:SS`."""
    return str(timedelta(seconds=max(1, round(seconds))))

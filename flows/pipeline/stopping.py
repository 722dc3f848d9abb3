"""When a run stops between two batches: asked to, its disk nearly full, or its lease lost."""

import shutil
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from extractors.errors import MptfError

_MEGABYTE = 10**6


class InterruptedRunError(MptfError):
    """The run was asked to stop, and did so after the batch in hand."""

    hint = "stopped as asked, after the batch in hand: run the same command again to go on"


class CutShortError(InterruptedRunError):
    """The run stopped by itself; the message says why."""


class DiskFullError(CutShortError):
    """The disk is nearly full; the message says how full, and the run stopped before it was."""

    hint = "stopped before it is full: free some space, and run the same command again to go on"


class LeaseLostError(CutShortError):
    """Another home writes to the archive by now, because this one could not renew its lease."""

    hint = "stopped, so that two do not ask the site at once: what it archived is not lost"


class NoRoomError(MptfError):
    """What was to be written would not fit on the disk; nothing was done."""


class StopRequest:
    """A request to stop (SIGINT, SIGTERM, a disk nearly full, a lost lease).

    A second signal stops at once.

    Args:
        folders: folders on the disks that the run fills.
        min_free_mb: how many megabytes must stay free on each.
        lost_lease: returns why the run may not write to the archive any more; None if it may.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        min_free_mb: int,
        lost_lease: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._folders = folders
        self._min_free_mb = min_free_mb
        self._signalled = False
        self._lost_lease = lost_lease
        self._cut_short: CutShortError | None = None

    @property
    def received(self) -> bool:
        """Return whether the run is to stop. It stays so, whatever becomes of the disk."""
        if self._cut_short is None:
            lost = self._lost_lease()
            self._cut_short = (
                LeaseLostError(lost) if lost else _disk_full(self._folders, self._min_free_mb)
            )
        return self._signalled or self._cut_short is not None

    @property
    def signalled(self) -> bool:
        """Return whether a person or a program asked the run to stop."""
        return self._signalled

    def error(self) -> InterruptedRunError:
        """Return why the run stops."""
        return self._cut_short or InterruptedRunError()

    def check(self) -> None:
        """Stop here if the run is to stop; call it between batches.

        Raises:
            InterruptedRunError: it was asked to.
            DiskFullError: its disk is nearly full.
            LeaseLostError: another home writes to the archive by now.
        """
        if self.received:
            raise self.error()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle the signals while the block runs."""
        before = {
            number: signal.signal(number, self._receive)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        if self._signalled:
            raise KeyboardInterrupt
        self._signalled = True


def free_bytes(folder: Path) -> int:
    """Return how many bytes are free on the disk of a folder, or of the nearest one above it."""
    while not folder.exists():
        folder = folder.absolute().parent
    return shutil.disk_usage(folder).free


def check_room(what: str, needed: int, free: int, min_free_mb: int) -> None:
    """Refuse to begin what would fill a disk.

    Args:
        what: what needs the room, as a message names it.
        needed: how many bytes it needs.
        free: how many are free.
        min_free_mb: how many megabytes must stay free.

    Raises:
        NoRoomError: it would not fit.
    """
    if needed + min_free_mb * _MEGABYTE > free:
        raise NoRoomError(
            f"{what} needs {megabytes(needed)} of disk, and {min_free_mb} MB must stay free"
            f" (min_free_mb), but only {megabytes(free)} are: free some space first"
        )


def megabytes(count: int) -> str:
    """Return a number of bytes in words."""
    return f"{count / _MEGABYTE:,.1f} MB"


def _disk_full(folders: Iterable[Path], min_free_mb: int) -> DiskFullError | None:
    for folder in folders:
        free = free_bytes(folder)
        if free < min_free_mb * _MEGABYTE:
            return DiskFullError(
                f"the disk of {folder} has {free // _MEGABYTE} MB free, less than {min_free_mb} MB"
                " (min_free_mb)"
            )
    return None

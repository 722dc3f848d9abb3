"""Who reads which share of the archive: the run that deals them out, or a run of its own anywhere.

The dealing run reads, too. Whenever it is idle it takes a share that nobody has, also one whose run
has not begun: that run may be waiting for the place that the dealing run itself holds.
"""

from collections.abc import Callable, Iterable
from threading import Lock
from uuid import UUID

from extractors.errors import MptfError
from warehouse.derive import Share


class ShareFailedError(MptfError):
    """A share could not be read; the message says why."""


class Shares:
    """Shares of some work: those that nobody has, that are sent out, and that are read here."""

    def __init__(self, shares: Iterable[Share], call_off: Callable[[UUID], bool]) -> None:
        """Begin with nothing dealt out.

        Args:
            shares: all of them.
            call_off: ends a run that has not begun, and returns whether it could.
        """
        self._lock = Lock()
        self._call_off = call_off
        self._free = list(shares)
        self._sent: dict[Share, UUID] = {}
        self._here: set[Share] = set()
        self.failures: dict[Share, str] = {}

    def send(self, share: Share, begin: Callable[[], UUID]) -> UUID | None:
        """Begin a run for a share and return it; None if the share is not free any more."""
        with self._lock:
            if share not in self._free:
                return None
            self._sent[share] = begin()
            self._free.remove(share)
            return self._sent[share]

    def is_sent(self, share: Share) -> bool:
        """Return whether a share is a run's of its own; it is not if it was taken back."""
        with self._lock:
            return share in self._sent

    def take(self) -> Share | None:
        """Take a share to read it here: a free one, else one that was sent and has not begun."""
        with self._lock:
            share = self._free.pop() if self._free else self._called_off()
            if share is not None:
                self._here.add(share)
            return share

    def done(self, share: Share) -> None:
        """Note that a share has been read, here or by its run."""
        with self._lock:
            self._sent.pop(share, None)
            self._here.discard(share)

    def failed(self, share: Share, why: str) -> None:
        """Note that a share cannot be read here."""
        with self._lock:
            self._here.discard(share)
            self.failures[share] = why

    def give_back(self, share: Share, because: str | None = None) -> None:
        """Make a share free again that is a run's of its own; or failed, if the reason is given."""
        with self._lock:
            if self._sent.pop(share, None) is None:  # it was taken back
                return
            if because is None:
                self._free.append(share)
            else:
                self.failures[share] = because

    def over(self) -> bool:
        """Return whether every share has been read or has failed."""
        with self._lock:
            return not (self._free or self._sent or self._here)

    def close(self) -> None:
        """Deal out nothing more, and call off the runs that have not begun."""
        with self._lock:
            self._free.clear()
            try:
                while self._called_off():
                    pass
            finally:  # else the threads that wait for these runs would outlive the server
                self._sent.clear()

    def _called_off(self) -> Share | None:
        for share, run_id in self._sent.items():
            if self._call_off(run_id):
                del self._sent[share]
                return share
        return None

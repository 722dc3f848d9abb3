"""The clock of all fetching, passed in so that tests can let years pass without waiting."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from extractors.errors import MptfError

_SLICE_SECONDS = 0.25  # a sleeping run checks this often whether it must stop


class StoppedError(MptfError):
    """The run was stopped during a wait."""


class Clock(Protocol):
    """The current time, and waiting."""

    def now(self) -> float:
        """Return the seconds since 1970."""

    def sleep(self, seconds: float) -> None:
        """Wait.

        Raises:
            StoppedError: the run was stopped meanwhile.
        """


class RealClock:
    """The machine's clock. Sleeping ends early once `stopped` returns true."""

    def __init__(self, stopped: Callable[[], bool] = lambda: False) -> None:
        self._stopped = stopped

    def now(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait in slices.

        Raises:
            StoppedError: the run was stopped meanwhile.
        """
        end = time.monotonic() + seconds
        while (remaining := end - time.monotonic()) > 0:
            if self._stopped():
                raise StoppedError
            time.sleep(min(remaining, _SLICE_SECONDS))


def to_utc(timestamp: float) -> datetime:
    """Convert seconds since 1970 to naive UTC, truncated to whole seconds."""
    return datetime.fromtimestamp(int(timestamp), UTC).replace(tzinfo=None)

"""The clock that fetching goes by, so that tests can let years pass without waiting."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from extractors.errors import MptfError

_SLICE = 0.25  # seconds after which a sleeper looks whether it may go on sleeping


class StoppedError(MptfError):
    """The run was asked to stop while something waited."""


class Clock(Protocol):
    """The time of day, and waiting."""

    def now(self) -> float:
        """Seconds since 1970."""

    def sleep(self, seconds: float) -> None:
        """Wait.

        Raises:
            StoppedError: the run was asked to stop meanwhile.
        """


class RealClock:
    """The machine's clock; `stopped` is asked a few times a second whether to go on waiting."""

    def __init__(self, stopped: Callable[[], bool] = lambda: False) -> None:
        self._stopped = stopped

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait, in slices."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._stopped():
                raise StoppedError
            time.sleep(min(left, _SLICE))


def utc(seconds: float) -> datetime:
    """A time in naive UTC, cut to whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None)

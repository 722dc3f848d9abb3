"""The rate of requests to a host, shared by all processes of one user through a file per host.

A process locks the host's file, waits until the delay since the last request has passed, and sends
its own. The delay aims at a number of requests in flight: it follows the site's response time,
doubles on errors, and is never shorter than robots.txt asks.
"""

import fcntl
import hashlib
import json
import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from extractors.fetch.clock import Clock
from extractors.fetch.errors import FailureKind, FetchError

_FIRST_DELAY = 1.0
_LONGEST_PAUSE = 3600.0  # seconds


class RateLimiter(Protocol):
    """Decides when the next request may be sent."""

    def wait(self) -> None:
        """Wait until a request may be sent, and count it as sent."""

    def record(self, seconds: float, *, ok: bool) -> None:
        """Record how long a response took, and whether the server coped."""

    def pause(self, seconds: float) -> None:
        """Send no request for so long: the site asked for it."""

    def require_delay(self, seconds: float) -> None:
        """Never wait less between two requests: robots.txt asks for it."""


class NoThrottle:
    """No delay at all, for a site on this machine, whatever it asks for."""

    def wait(self) -> None:
        """Return at once."""

    def record(self, seconds: float, *, ok: bool) -> None:
        """Do nothing."""

    def pause(self, seconds: float) -> None:
        """Do nothing; the failed URL itself is retried later."""

    def require_delay(self, seconds: float) -> None:
        """Do nothing."""


@dataclass
class Budget:
    """The requests that may still be sent."""

    left: int


class LimitedRequests:
    """A rate limiter that allows a number of requests in all, at the rate of another."""

    def __init__(self, limiter: RateLimiter, budget: Budget) -> None:
        self._limiter = limiter
        self._budget = budget

    def wait(self) -> None:
        """Wait until a request may be sent, and count it as sent.

        Raises:
            FetchError: all requests have been sent.
        """
        if self._budget.left < 1:
            raise FetchError(FailureKind.NOT_ASKED, "no request was left")
        self._budget.left -= 1
        self._limiter.wait()

    def record(self, seconds: float, *, ok: bool) -> None:
        """Record how long a response took, and whether the server coped."""
        self._limiter.record(seconds, ok=ok)

    def pause(self, seconds: float) -> None:
        """Send no request for so long."""
        self._limiter.pause(seconds)

    def require_delay(self, seconds: float) -> None:
        """Never wait less between two requests."""
        self._limiter.require_delay(seconds)


class Delays(NamedTuple):
    """Bounds of the delay in seconds; `target` is the average number of requests in flight."""

    shortest: float = 0.5
    longest: float = 60.0
    target: float = 1.0


class HostThrottle:
    """The rate of requests to one host by one user. Safe between threads and processes."""

    def __init__(self, folder: Path, host: str, delays: Delays, clock: Clock) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        readable = re.sub(r"[^a-z0-9.]+", "-", host.lower())[:80]
        digest = hashlib.sha256(host.lower().encode()).hexdigest()[:8]
        self._path = folder / f"{readable}-{digest}.json"
        self._delays = delays
        self._clock = clock

    def wait(self) -> None:
        """Wait until a request may be sent, and count it as sent."""
        with self._locked_state() as state:
            now = self._clock.now()
            # A clock that was set back must not stop the run for a year.
            last = min(state.last, now)
            until = min(state.until, now + _LONGEST_PAUSE)
            self._clock.sleep(max(last + self._bounded(state.delay), until) - now)
            state.last = self._clock.now()

    def record(self, seconds: float, *, ok: bool) -> None:
        """Move the delay halfway to the response time; double it on errors."""
        with self._locked_state() as state:
            delay = self._bounded(state.delay)
            aim = seconds / self._delays.target
            state.delay = self._bounded((delay + aim) / 2 if ok else max(2 * delay, aim))

    def pause(self, seconds: float) -> None:
        """Send no request for so long, from any process of this user."""
        with self._locked_state() as state:
            state.until = max(state.until, self._clock.now() + seconds)

    def require_delay(self, seconds: float) -> None:
        """Raise the shortest delay, even above the longest."""
        self._delays = self._delays._replace(shortest=max(self._delays.shortest, seconds))

    def _bounded(self, delay: float) -> float:
        shortest, longest, _ = self._delays
        return min(max(delay, shortest), max(longest, shortest))

    @contextmanager
    def _locked_state(self) -> Iterator["_State"]:
        """Yield the host's state under a lock, and save it afterwards."""
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            state = _parse_state(os.read(fd, 4096))
            yield state
            os.ftruncate(fd, 0)
            os.pwrite(fd, json.dumps(asdict(state)).encode(), 0)
        finally:
            os.close(fd)


@dataclass
class _State:
    """Time of the last request, delay, and end of a pause (seconds)."""

    last: float = 0.0
    delay: float = _FIRST_DELAY
    until: float = 0.0


def user_folder() -> Path:
    """Return the folder in which all runs of this user share their throttles."""
    return Path.home() / ".cache" / "mptf-warehouse" / "throttles"


def _parse_state(text: bytes) -> _State:
    """Parse a state file; fall back to defaults if it is invalid."""
    try:
        fields = json.loads(text)
        numbers = [float(fields[name]) for name in ("last", "delay", "until")]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return _State()
    return _State(*numbers) if all(map(math.isfinite, numbers)) else _State()

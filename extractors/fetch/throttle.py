"""How often a host is asked. One file per host is shared by every process of the machine.

Whoever wants to ask takes the host's turnstile, waits until its time has come, and goes through.
The delay aims at a number of requests under way at a time: it follows the site's own slowness,
doubles on errors, and is never below what robots.txt asks for.
"""

import fcntl
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from extractors.fetch.clock import Clock

_FIRST_DELAY = 1.0
_LONGEST_HOLD = 3600.0  # seconds


class RateLimiter(Protocol):
    """When the next request may go out."""

    def wait(self) -> None:
        """Wait for one's turn."""

    def answered(self, seconds: float, *, well: bool) -> None:
        """Tell how long an answer took, and whether it was one."""

    def hold(self, seconds: float) -> None:
        """Let no request out for so long: the site asked for it."""

    def at_least(self, seconds: float) -> None:
        """Never go faster than this: the site's robots.txt asks for it."""


class NoThrottle:
    """No waiting: for a site on this machine."""

    def wait(self) -> None:
        """Go at once."""

    def answered(self, seconds: float, *, well: bool) -> None:
        """Nothing follows from it."""

    def hold(self, seconds: float) -> None:
        """Nothing follows from it: the address itself is asked again later."""

    def at_least(self, seconds: float) -> None:
        """Nothing follows from it."""


class Rules(NamedTuple):
    """Delays in seconds; `target` is how many requests may be under way at a time, on average."""

    shortest: float = 0.5
    longest: float = 60.0
    target: float = 1.0


class HostThrottle:
    """The pace that a host is asked at, whoever on this machine asks it."""

    def __init__(self, folder: Path, host: str, rules: Rules, clock: Clock) -> None:
        readable = re.sub(r"[^a-z0-9.]+", "-", host.lower())[:80]
        digest = hashlib.sha256(host.lower().encode()).hexdigest()[:8]
        self._path = folder / f"{readable}-{digest}.json"
        self._rules = rules
        self._clock = clock

    def wait(self) -> None:
        """Wait for one's turn, and take it."""
        with self._state() as state:
            now = self._clock.now()
            # A clock that was set back must not stop the run for a year.
            last = min(state.last, now)
            until = min(state.until, now + _LONGEST_HOLD)
            self._clock.sleep(max(last + self._bounded(state.delay), until) - now)
            state.last = self._clock.now()

    def answered(self, seconds: float, *, well: bool) -> None:
        """Follow the site: half way to its own slowness, twice as slow on errors."""
        with self._state() as state:
            delay = self._bounded(state.delay)
            aim = seconds / self._rules.target
            state.delay = self._bounded((delay + aim) / 2 if well else max(2 * delay, aim))

    def hold(self, seconds: float) -> None:
        """Close the turnstile for a while."""
        with self._state() as state:
            state.until = max(state.until, self._clock.now() + seconds)

    def at_least(self, seconds: float) -> None:
        """Take a longer delay for the shortest; it may be longer than the longest."""
        self._rules = self._rules._replace(shortest=max(self._rules.shortest, seconds))

    def _bounded(self, delay: float) -> float:
        return min(max(delay, self._rules.shortest), max(self._rules.longest, self._rules.shortest))

    @contextmanager
    def _state(self) -> Iterator["_State"]:
        """What the machine knows of the host; nobody else has it while the block runs."""
        fd = _opened(self._path)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            state = _State.of(os.read(fd, 4096))
            yield state
            text = json.dumps(vars(state)).encode()
            os.ftruncate(fd, 0)
            os.pwrite(fd, text, 0)
        finally:
            os.close(fd)


def _opened(path: Path) -> int:
    """A turnstile's file, made for every user of this machine by who comes first.

    Nothing is created where it is there: in a folder of everybody's the system lets nobody open the
    file of another user in that way (`fs.protected_regular`).
    """
    there = os.O_RDWR | os.O_NOFOLLOW
    try:
        return os.open(path, there)
    except FileNotFoundError:
        try:
            fd = os.open(path, there | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            return os.open(path, there)
    os.fchmod(fd, 0o666)  # whatever this user's umask takes away
    return fd


class _State:
    """When the host was last asked, the delay, and until when it must not be asked (seconds)."""

    def __init__(self, last: float, delay: float, until: float) -> None:
        self.last = last
        self.delay = delay
        self.until = until

    @classmethod
    def of(cls, text: bytes) -> "_State":
        """What a file says; whatever it is that it cannot say, it says nothing."""
        try:
            told = json.loads(text)
            return cls(float(told["last"]), float(told["delay"]), float(told["until"]))
        except (ValueError, KeyError, TypeError):
            return cls(0.0, _FIRST_DELAY, 0.0)


def shared_folder() -> Path:
    """The folder of turnstiles that every user of this machine shares.

    Raises:
        OSError: it cannot be made.
    """
    folder = Path(tempfile.gettempdir()) / "mptf-turnstiles"
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o1777)
    return folder

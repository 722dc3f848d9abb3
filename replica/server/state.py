"""What a running server is told and asked, from any thread: time, faults, log, own errors."""

import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from replica.http import EARLIEST, LATEST, http_date
from replica.server.faults import Faults


class LogEntry(NamedTuple):
    """A request and its outcome.

    A request that is never answered has status 0; an unreadable one has no method and no target.
    """

    number: int  # from 1, in the order in which requests were started; never used again
    time: float  # seconds since 1970
    monotonic: float
    now: datetime  # the site's time
    method: str
    target: str  # path and query as requested
    host: str
    status: int
    fault: str  # empty: none
    bytes_sent: int
    conditional: bool
    user_agent: str
    connection: int
    seconds: float


class RequestLog:
    """Log entries by number; safe between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: list[LogEntry] = []
        self._cleared = 0

    def add(self, entry: LogEntry) -> int:
        """Append an entry under the next number, which is returned."""
        with self._lock:
            number = self._cleared + len(self._entries) + 1
            self._entries.append(entry._replace(number=number))
            return number

    def finish(self, number: int, bytes_sent: int, seconds: float) -> None:
        """Record the end of a slow answer, unless its entry was cleared."""
        with self._lock:
            at = number - self._cleared - 1
            if at >= 0:
                entry = self._entries[at]
                self._entries[at] = entry._replace(bytes_sent=bytes_sent, seconds=seconds)

    def entries(self, since: int = 0) -> list[LogEntry]:
        """Return the entries with a number above `since`."""
        with self._lock:
            return self._entries[max(since - self._cleared, 0) :]

    def clear(self) -> None:
        """Forget all entries; numbering continues."""
        with self._lock:
            self._cleared += len(self._entries)
            self._entries.clear()


class Moment(NamedTuple):
    """The site's time (naive UTC, whole seconds), also in the form of its Date header."""

    now: datetime
    http_date: str


class State:
    """The state shared by server, control URLs and tests; every change is one assignment."""

    def __init__(self, now: datetime, seed: int = 0, faults: Iterable[str] = ()) -> None:
        self._seed = seed
        self.log = RequestLog()
        self.internal_errors: list[str] = []  # one line each; a sound server has none
        self.move_to(now)
        self.set_faults(faults)

    def move_to(self, now: datetime) -> None:
        """Set the site's time (naive UTC), forwards or backwards."""
        if now.tzinfo is not None:
            raise ValueError(f"{now} has a time zone: the site's time is naive UTC")
        if not EARLIEST <= now <= LATEST:
            raise ValueError(f"{now} is not between {EARLIEST} and {LATEST}")
        now = now.replace(microsecond=0)
        self.moment = Moment(now, http_date(now))

    def set_faults(self, texts: Iterable[str]) -> None:
        """Replace all fault rules, and count each URL's requests from zero.

        Raises:
            FaultRuleError: if a text is not a rule; the old rules then stay.
        """
        self.faults = Faults(texts, self._seed)

    def note_error(self, doing: str, error: BaseException) -> None:
        """Record an error of the stand-in's own code, here and as one line on stderr."""
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        line = " ".join(f"{doing}: {type(error).__name__}: {error} ({where})".split())
        self.internal_errors.append(line)
        print(f"replica: internal error: {line}", file=sys.stderr)

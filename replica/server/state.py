"""What a running server can be told and asked, from any thread: time, faults, log, own errors."""

import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from replica.http import EARLIEST, LATEST, http_date
from replica.server.faults import Faults
from replica.server.log import RequestLog


class Moment(NamedTuple):
    """The site's time (naive UTC, whole seconds), also as its Date header says it."""

    now: datetime
    http_date: str


class State:
    """The state that server, control and tests share; every change is one assignment."""

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
        """Replace all fault rules; the count of each address's requests begins anew.

        Raises:
            FaultRuleError: where a text is no rule; the rules then stay as they were.
        """
        self.faults = Faults(texts, self._seed)

    def note_error(self, doing: str, error: BaseException) -> None:
        """Note a fault of our own code, here and as one line on stderr."""
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        line = " ".join(f"{doing}: {type(error).__name__}: {error} ({where})".split())
        self.internal_errors.append(line)
        print(f"replica: internal error: {line}", file=sys.stderr)

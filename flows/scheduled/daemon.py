"""A background process: started with a log file, found again by the lock it holds, stopped."""

import fcntl
import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import copyfile
from time import monotonic, sleep, time

from extractors.errors import MptfError

_LOG_BYTES = 10 * 2**20  # a log that is larger when a process is looked for or started moves aside
_STOP_SECONDS = 120  # a worker first ends the run in hand
_POLL_SECONDS = 0.1
_TAIL_LINES = 5


class DaemonError(MptfError):
    """A background process does not start, answer or stop; the message names its log."""


@dataclass(frozen=True)
class Started:
    """What is known of a process that was started.

    Attributes:
        since: when, in seconds since 1970.
        about: what its starter noted.
    """

    pid: int
    since: float
    about: str


class Daemon:
    """One background process of a folder.

    It inherits a lock on its state file and holds it until it ends, however it ends. So a process
    ID in that file is only believed, and only sent a signal, while its process lives.
    """

    def __init__(self, name: str, state: Path, log: Path) -> None:
        self.name, self.log = name, log
        self._state = state

    def last(self) -> Started | None:
        """Return the process that was started last, whether it still runs or not."""
        try:
            return Started(**json.loads(self._state.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def running(self) -> Started | None:
        """Return the process if it runs."""
        try:
            with self._state.open() as state:
                fcntl.flock(state, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return None
        except BlockingIOError:
            started = self.last()
            if started is None:
                raise DaemonError(
                    f"the {self.name} runs, but {self._state} does not say as which process: find"
                    " it with `fuser` on that file, and end it"
                ) from None
            return started
        return None

    def start(self, command: Sequence[str], environment: Mapping[str, str], about: str) -> Started:
        """Start the process in the current folder, detached from the terminal."""
        self.bound_log()
        with self._state.open("a+") as state, self.log.open("ab") as log:
            fcntl.flock(state, fcntl.LOCK_EX | fcntl.LOCK_NB)
            state.truncate(0)
            process = subprocess.Popen(  # noqa: S603 because the command is this module's callers'
                command, env=environment, start_new_session=True, pass_fds=(state.fileno(),),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
            started = Started(process.pid, time(), about)
            state.write(json.dumps(asdict(started)))
        return started

    def stop(self) -> Started | None:
        """Send SIGTERM to the process if it runs, wait for its end, and return what it was.

        Raises:
            DaemonError: it runs on.
        """
        started = self.running()
        if started is None:
            return None
        os.kill(started.pid, signal.SIGTERM)
        until = monotonic() + _STOP_SECONDS
        while self.running():
            if monotonic() > until:
                raise DaemonError(
                    f"the {self.name} (process {started.pid}) has not stopped in"
                    f" {_STOP_SECONDS} seconds: {self.log} may say why; `kill -9 {started.pid}`"
                    " ends it"
                )
            sleep(_POLL_SECONDS)
        return started

    def bound_log(self) -> None:
        """Move a large log's text to a second file, in place of what that held.

        The process appends to the log, and goes on at its new end.
        """
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)

    def last_lines(self) -> str:
        """Return the end of the log on one line, for a message."""
        lines = self.log.read_text(errors="replace").split("\n") if self.log.exists() else []
        return " / ".join([line.strip() for line in lines if line.strip()][-_TAIL_LINES:])

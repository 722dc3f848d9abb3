"""One home: the folder of all state, and the lock that lets one process at a time write to it."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import TextIO, TypeVar

from extractors.archive.reader import Archive
from extractors.errors import MptfError
from flows.settings import Settings

_ASIDE, _BUILT = "verify-", "rebuilt.duckdb"
_LOOK_SECONDS = 0.5  # between two looks whether who is waited for has ended

T = TypeVar("T")


class HomeBusyError(MptfError):
    """Another process is writing to this home; its message says which."""


class Home:
    """Where everything of one home is."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.home
        self.warehouse = self.folder / "warehouse.duckdb"
        self.releases = self.folder / "releases"
        self.archive = Archive(self.folder / "archive", settings.max_body_bytes)

    def below(self, name: str) -> "Home":
        """A home of its own, in a folder of this one."""
        return self.changed(home=self.folder / name)

    def changed(self, **settings: object) -> "Home":
        """This home with some other settings."""
        return Home(self.settings.model_copy(update=settings))

    @contextmanager
    def aside(self) -> Iterator[Path]:
        """A file to build beside the working file, which is open meanwhile, and to look at."""
        with TemporaryDirectory(dir=self.folder, prefix=_ASIDE) as folder:
            yield Path(folder) / _BUILT

    def sweep(self) -> None:
        """Remove what killed processes built aside; the caller has the working file to itself."""
        for file in self.folder.glob(f"{_ASIDE}*/{_BUILT}"):
            rmtree(file.parent, ignore_errors=True)

    @contextmanager
    def writing(self, command: str, now: datetime, *, wait: float = 0) -> Iterator[datetime]:
        """Hold the home for writing while the block runs; the system frees it after any kill.

        What comes back is when it began to: `now`, and what it waited.

        Raises:
            HomeBusyError: another process holds it, and has not let go after `wait` seconds.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "writer.lock").open("a+") as lock:
            asked = monotonic()
            retry_while_busy(lambda: _take(lock), HomeBusyError, wait)
            lock.truncate(0)
            began = now + timedelta(seconds=int(monotonic() - asked))
            holder = {"pid": os.getpid(), "command": command, "since": f"{began:%Y-%m-%d %H:%M:%S}"}
            lock.write(json.dumps(holder))
            lock.flush()
            yield began


def retry_while_busy(begin: Callable[[], T], busy: type[Exception], wait: float) -> T:
    """What `begin` gives, tried again while it raises `busy`, for `wait` seconds at most."""
    until = monotonic() + wait
    while True:
        try:
            return begin()
        except busy:
            if monotonic() >= until:
                raise
            sleep(min(_LOOK_SECONDS, max(0.0, until - monotonic())))


def _take(lock: TextIO) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise HomeBusyError(_holder(Path(lock.name))) from error


def _holder(lock: Path) -> str:
    try:
        told = json.loads(lock.read_text())
        who = f"`mptf {told['command']}` (process {told['pid']}, since {told['since']} UTC)"
    except (ValueError, KeyError, OSError):
        who = "another process"
    return f"{who} is writing to this home: try again when it has finished"

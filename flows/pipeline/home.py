"""A home: the folder of all state, and the lock that lets one process at a time write to it."""

import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import NamedTemporaryFile, TemporaryDirectory
from time import monotonic, sleep
from typing import TextIO, TypeVar

from extractors.archive.reader import Archive
from extractors.errors import MptfError
from flows.places import Places, last_holder
from flows.settings import Settings

_SCRATCH, _SCRATCH_FILE = "verify-", "rebuilt.duckdb"
_IDENTITY = "home.json"
_POLL_SECONDS = 0.5  # between two attempts to take the lock

T = TypeVar("T")


class HomeBusyError(MptfError):
    """Another process is writing to this home; the message says which."""


class HomeIdentityError(MptfError):
    """The file that identifies a home cannot be parsed; the message names it."""


class Home(Places):
    """A home that can be written to, with its archive."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.building = self.folder / "warehouse.building.duckdb"  # by a rebuild
        self.archive = Archive(self.folder / "archive", settings.max_body_bytes)

    def identity(self) -> str:
        """Return what tells this home from any other: a random number, made once and stored.

        Raises:
            HomeIdentityError: the file that holds it is damaged.
        """
        file = self.folder / _IDENTITY
        if not file.exists():
            _store_identity(file)
        try:
            return str(json.loads(file.read_text())["home"])
        except (ValueError, KeyError, TypeError) as error:
            raise HomeIdentityError(
                f"{file} is damaged: remove it, and the home gets a new identity"
            ) from error

    def below(self, name: str) -> "Home":
        """Return a home of its own, in a folder of this one."""
        return self.changed(home=self.folder / name)

    def changed(self, **settings: object) -> "Home":
        """Return this home with some other settings."""
        return Home(self.settings.model_copy(update=settings))

    @contextmanager
    def scratch_file(self) -> Iterator[Path]:
        """Yield a path for a second warehouse file, which is removed with the block."""
        with TemporaryDirectory(dir=self.folder, prefix=_SCRATCH) as folder:
            yield Path(folder) / _SCRATCH_FILE

    def sweep(self) -> None:
        """Remove the scratch files of killed processes; the caller holds the working file."""
        for file in self.folder.glob(f"{_SCRATCH}*/{_SCRATCH_FILE}"):
            rmtree(file.parent, ignore_errors=True)

    @contextmanager
    def writing(self, command: str, now: datetime, *, wait: float = 0) -> Iterator[datetime]:
        """Hold the home for writing while the block runs; a kill of any kind frees it.

        Yields:
            When the home was taken: `now`, and the seconds of waiting.

        Raises:
            HomeBusyError: another process holds it, and still does after `wait` seconds.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.lock.open("a+") as lock:
            asked = monotonic()
            retry_while_busy(lambda: _lock(lock), HomeBusyError, wait)
            lock.truncate(0)
            taken_at = now + timedelta(seconds=int(monotonic() - asked))
            holder = {"pid": os.getpid(), "command": command, "since": f"{taken_at:%F %T}"}
            lock.write(json.dumps(holder))
            lock.flush()
            yield taken_at


def _store_identity(file: Path) -> None:
    """Create the file whole, unless another process does first."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.") as whole:
        json.dump({"home": secrets.token_hex(16)}, whole)
        whole.flush()
        os.fsync(whole.fileno())
        with suppress(FileExistsError):
            os.link(whole.name, file)


def retry_while_busy(action: Callable[[], T], busy: type[Exception], wait: float) -> T:
    """Return the result of an action, retried while it raises `busy`, for `wait` seconds."""
    until = monotonic() + wait
    while True:
        try:
            return action()
        except busy:
            if monotonic() >= until:
                raise
            sleep(min(_POLL_SECONDS, max(0.0, until - monotonic())))


def _lock(file: TextIO) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = last_holder(Path(file.name))
        who = (
            f"`mptf {holder.command}` (process {holder.pid}, since {holder.since} UTC)"
            if holder
            else "another process"
        )
        raise HomeBusyError(
            f"{who} is writing to this home: try again when it has finished"
        ) from error

"""A home: the folder of all state, and the locks that let one process at a time write to it.

The home's own lock is a file. An archive that several homes may share has one of its own: a file in
its folder, or the lease of a bucket. If it is the archive of another home, that home's lock counts.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree
from socket import gethostname
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Literal, TextIO, TypeVar

from extractors.archive.bucket import BucketArchive
from extractors.archive.reader import Archive
from extractors.objects import Store, is_bucket, open_store
from flows.pipeline.identity import identity_of, identity_of_archive
from flows.pipeline.lease import Lease
from flows.places import ARCHIVE, HomeBusyError, Places, last_holder
from flows.settings import Settings

ArchiveUse = Literal["write", "read", "none"]

_SCRATCH, _SCRATCH_FILE = "verify-", "rebuilt.duckdb"
_POLL_SECONDS = 0.5  # between two attempts to take a lock
_LEASE_POLL_SECONDS = 2.0  # each is a request

T = TypeVar("T")


class Home(Places):
    """A home that can be written to, with its archive."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.building = self.folder / "warehouse.building.duckdb"  # by a rebuild
        self.archive = _archive_of(self)
        self._lease: Lease | None = None

    def identity(self) -> str:
        """Return the home's identity; homes with one bucket share one.

        Raises:
            HomeIdentityError: the file that holds it is damaged.
            StoreUnreachableError: the bucket cannot be reached, and never was from this home.
        """
        if isinstance(self.archive, BucketArchive):
            return identity_of_archive(self.folder, self.archive.store)
        return identity_of(self.folder)

    @property
    def lost_lease(self) -> str | None:
        """Return why the run under way has no right to go on; None if it has."""
        return self._lease.lost if self._lease else None

    def below(self, name: str) -> "Home":
        """Return a home of its own, with its own archive, in a folder of this one."""
        return self.changed(home=self.folder / name, archive=None)

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
    def writing(
        self, command: str, now: datetime, *, wait: float = 0, archive: ArchiveUse = "write"
    ) -> Iterator[datetime]:
        """Hold the home for writing while the block runs; a kill of any kind frees it.

        Args:
            command: what the block is.
            now: the current time.
            wait: for how many seconds to wait for another process or home.
            archive: whether the block writes to the archive or asks the site, which one home at a
                time may do; or only reads the archive, or does not need it.

        Yields:
            When the home was taken: `now`, and the seconds of waiting.

        Raises:
            HomeBusyError: another process holds it, and still does after `wait` seconds.
        """
        asked = monotonic()
        with ExitStack() as stack:
            taken_at = stack.enter_context(_locked(self.lock, "home", command, now, wait))
            rest = wait - (monotonic() - asked)
            if isinstance(self.archive, BucketArchive):
                if archive == "write":
                    stack.enter_context(self._leased(self.archive.store, command, rest))
            elif archive != "none" and (lock := self._archive_lock()) != self.lock.resolve():
                stack.enter_context(_locked(lock, "archive", command, now, rest))
            yield max(taken_at, now + timedelta(seconds=int(monotonic() - asked)))

    def _archive_lock(self) -> Path:
        """Return the lock of the archive's folder: that of the home whose archive it is, if any."""
        folder = self.archive.folder.resolve()
        of_its_home = folder.parent / self.lock.name
        is_of_a_home = folder.name == ARCHIVE and of_its_home.exists()
        return of_its_home if is_of_a_home else folder / self.lock.name

    @contextmanager
    def _leased(self, store: Store, command: str, wait: float) -> Iterator[None]:
        """Hold the lease of the bucket while the block runs, or go on without while it is away."""
        lock = f"{self.lock.stat().st_ino} {_boot()}"
        lease = Lease(store, identity_of(self.folder), lock, command, self.settings.lease_seconds)
        retry_while_busy(lease.take, HomeBusyError, wait, _LEASE_POLL_SECONDS)
        self._lease = lease
        try:
            with lease.renewed():
                yield
        finally:
            self._lease = None


def _boot() -> str:
    """Return the identifier of the machine's current boot, which no other machine shares."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:  # no Linux, or not all of it
        return gethostname()


def _archive_of(home: Places) -> Archive:
    settings = home.settings
    place, most = settings.archive, settings.max_body_bytes
    if place is None or not is_bucket(place):
        return Archive(home.archive_folder, most)
    free = settings.min_free_mb * 10**6
    return BucketArchive(home.archive_folder, most, open_store(place), free)


def retry_while_busy(
    action: Callable[[], T], busy: type[Exception], wait: float, poll: float = _POLL_SECONDS
) -> T:
    """Return the result of an action, retried while it raises `busy`, for `wait` seconds."""
    until = monotonic() + wait
    while True:
        try:
            return action()
        except busy:
            if monotonic() >= until:
                raise
            sleep(min(poll, max(0.0, until - monotonic())))


@contextmanager
def _locked(path: Path, what: str, command: str, now: datetime, wait: float) -> Iterator[datetime]:
    """Hold a file lock while the block runs, and say in it who does; yield when it was taken."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        asked = monotonic()
        retry_while_busy(lambda: _lock(lock, what), HomeBusyError, wait)
        lock.truncate(0)
        taken_at = now + timedelta(seconds=int(monotonic() - asked))
        holder = {"pid": os.getpid(), "command": command, "since": f"{taken_at:%F %T}"}
        lock.write(json.dumps(holder))
        lock.flush()
        yield taken_at


def _lock(file: TextIO, what: str) -> None:
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
            f"{who} is writing to this {what}: try again when it has finished"
        ) from error

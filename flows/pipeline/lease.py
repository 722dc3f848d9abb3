"""The lease of an archive in a bucket: one home at a time writes to it and asks the site.

The object `lease.json` names the holder and the end of its lease. It is taken and renewed by
conditional puts, and ends by itself after a kill. The clocks of the machines are taken to agree
within a fifth of `lease_seconds`, a minute by default. While the bucket cannot be reached nobody
can take the lease, and the run goes on without: a night must not be lost.
"""

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any, NamedTuple

from extractors.archive.listing import LEASE_FILE
from extractors.objects import Store
from extractors.store_errors import NoObjectError, StoreUnreachableError
from extractors.times import iso_time, utc_now
from flows.places import HomeBusyError

_SHARE = 5  # of a lease: it is renewed after one, and another home waits for one more
_MOST_BYTES = 1 << 16  # of a lease
_TRIES = 3  # to take it; each that fails has found it changed since it was read
_LONGEST = timedelta(days=1)  # a lease that claims to last longer is not believed


class LeaseHolder(NamedTuple):
    """Who holds a lease: home, machine, process and command; since when and until (naive UTC)."""

    home: str
    host: str
    pid: int
    command: str
    since: datetime
    until: datetime
    lock: str  # names the home's file lock, which no copy of the home shares

    def __str__(self) -> str:
        """Return the holder in words."""
        return f"`mptf {self.command}` (process {self.pid} on {self.host}, since {self.since} UTC)"


class Lease:
    """One run's lease of an archive in a bucket."""

    def __init__(
        self,
        store: Store,
        home: str,
        lock: str,
        command: str,
        seconds: float,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Prepare a lease; it is not taken yet.

        Args:
            store: the bucket.
            home: the identity of the home, whose file lock this process holds.
            lock: what names that lock: its inode, and the boot of the machine that it was taken
                in, as a machine that was cloned has the same inodes.
            command: what the run is.
            seconds: for how long the lease holds if it is not renewed.
            clock: returns the current time (naive UTC).
        """
        self._clock = clock
        self._store = store
        self._lasts = timedelta(seconds=seconds)
        self._mine = LeaseHolder(
            home, socket.gethostname(), os.getpid(), command, clock(), clock(), lock
        )  # fmt: skip
        self._version: str | None = None
        self._lost: str | None = None
        self._ended = Event()

    def take(self) -> None:
        """Take the lease, or go on without it if the bucket cannot be reached.

        Raises:
            HomeBusyError: another home has it.
        """
        with suppress(StoreUnreachableError):
            self._take()

    @property
    def lost(self) -> str | None:
        """Return why the run has no right to go on, if another home has taken the lease."""
        return self._lost

    @contextmanager
    def renewed(self) -> Iterator[None]:
        """Renew the lease while the block runs, and give it back then."""
        thread = Thread(target=self._keep, name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()
            with suppress(StoreUnreachableError):
                self._give_back()

    def _keep(self) -> None:
        """Renew the lease until it is lost or the run ends; where it was not taken, take it."""
        while not self._ended.wait(self._lasts.total_seconds() / _SHARE):
            try:
                self._take()
            except HomeBusyError as error:
                self._lost = str(error)
                return
            except StoreUnreachableError:
                continue

    def _take(self) -> None:
        """Take or renew the lease.

        Raises:
            HomeBusyError: another home has it.
            StoreUnreachableError: the bucket cannot be reached.
        """
        now = self._clock()
        mine = _written(self._mine._replace(until=now + self._lasts))
        if self._version is not None:
            self._version = self._store.replace(LEASE_FILE, mine, self._version)
        for _ in range(_TRIES):
            if self._version is not None:
                return
            self._version = self._take_anew(mine, now)
        if self._version is None:
            raise HomeBusyError(f"another home is just taking {self._store.place}: try again")

    def _take_anew(self, mine: bytes, now: datetime) -> str | None:
        """Take the lease unless another home has it; return None if one is just taking it."""
        try:
            content, version = _in_bucket(self._store)
        except NoObjectError:
            return self._store.create(LEASE_FILE, mine)
        holder = _parsed(content, now)
        if holder is not None and not self._may_replace(holder, now):
            raise HomeBusyError(
                f"{holder} is writing to {self._store.place}: try again when it has finished"
            )
        return self._store.replace(LEASE_FILE, mine, version)

    def _may_replace(self, holder: LeaseHolder, now: datetime) -> bool:
        """Return whether a lease has ended: by time, or because this process holds its lock."""
        if (holder.home, holder.lock) == (self._mine.home, self._mine.lock):
            return True
        return now > holder.until + self._lasts / _SHARE

    def _give_back(self) -> None:
        if self._version is not None and self._lost is None:
            self._store.replace(LEASE_FILE, b"{}", self._version)


def lease_holder(store: Store, now: datetime) -> LeaseHolder | None:
    """Return who holds the lease of a bucket, if anybody does.

    Raises:
        StoreUnreachableError: the bucket cannot be reached.
    """
    try:
        holder = _parsed(_in_bucket(store)[0], now)
    except NoObjectError:
        return None
    return holder if holder and holder.until >= now else None


def _in_bucket(store: Store) -> tuple[bytes, str]:
    """Return the lease and its version, without the content of one that is too large to be any.

    Raises:
        NoObjectError: there is none.
        StoreUnreachableError: the bucket cannot be reached.
    """
    there = store.head(LEASE_FILE)
    if there.size > _MOST_BYTES:
        return b"", there.version
    return store.read_version(LEASE_FILE)


def _written(holder: LeaseHolder) -> bytes:
    times = {"since": f"{holder.since:%FT%T}Z", "until": f"{holder.until:%FT%T}Z"}
    return json.dumps(holder._asdict() | times).encode()


def _parsed(content: bytes, now: datetime) -> LeaseHolder | None:
    """Return the holder that a lease names; None if it was given back, or claims the impossible."""
    with suppress(ValueError, KeyError, TypeError, OverflowError, RecursionError):
        told: dict[str, Any] = json.loads(content)
        holder = LeaseHolder(
            home=str(told["home"]), host=str(told["host"])[:100], pid=int(told["pid"]),
            command=str(told["command"])[:200], since=iso_time(str(told["since"])),
            until=iso_time(str(told["until"])), lock=str(told["lock"]),
        )  # fmt: skip
        return holder if holder.until - now <= _LONGEST else None
    return None

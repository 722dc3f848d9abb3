"""An archive in a bucket, and a folder through which it is written and read.

The folder holds the file of a run in progress, as without a bucket. A file that is final is pushed
whole; until it is, it waits in the folder. A file that only the bucket has is fetched whole when it
is read, and stays, because archive files never change. Only `mptf forget --erase` replaces one, and
a home that finds a replaced one in the bucket takes it over if no more than erasing was done.
"""

import hashlib
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time

from extractors.archive.erasing import is_erased_copy
from extractors.archive.listing import (
    LISTINGS_BEING_STORED,
    OF_BUCKET,
    Listing,
    final_files,
    queued,
)
from extractors.archive.reader import Archive, sync_folder
from extractors.errors import MptfError
from extractors.objects import Store, StoredObject
from extractors.store_errors import NoObjectError, StoreUnreachableError

_FETCHING = ".fetching"
_DAY_SECONDS = 86400


class NoRoomToFetchError(MptfError):
    """A file of the bucket would not fit on the disk; the message says how large it is."""


class ArchiveReplacedError(MptfError):
    """A file of the bucket was replaced by another program while it was to be erased."""

    retry_helps = True


class BucketArchive(Archive):
    """An archive in a bucket, read and written through a folder."""

    def __init__(
        self, folder: Path, max_body_bytes: int, store: Store, min_free_bytes: int
    ) -> None:
        """Open an archive; nothing is asked of the bucket yet.

        Args:
            folder: the folder of files to be pushed, and of files that were fetched.
            max_body_bytes: the maximum size of a body.
            store: the bucket.
            min_free_bytes: the bytes that must stay free on the folder's disk.
        """
        super().__init__(folder, max_body_bytes)
        self.store = store
        self._min_free_bytes = min_free_bytes
        self._listing = Listing(folder, store.place)
        self._trouble: str | None = None  # why the bucket could not be reached last
        self._is_unseen = False  # whether it could not be reached when it was to be listed

    def files(self) -> list[str]:
        """Return the names of all files; of those here if the bucket could not be reached."""
        here = super().files()
        return here if self._trouble else sorted({*here, *self._listing.objects})

    def size(self, warc_file: str) -> int:
        """Return the size of a file in bytes, wherever it is."""
        there = self._listing.objects.get(warc_file)
        if there is None or self._here(warc_file).exists():
            return super().size(warc_file)
        return there.size

    def look(self) -> None:
        """Learn what the bucket holds, and take over files from which others erased records.

        A file that is here too is compared, once for each version of the bucket's.

        Raises:
            StoreUnreachableError: the bucket cannot be reached.
            NoRoomToFetchError: a file that is to be compared would not fit on the disk.
        """
        self._is_unseen = True
        self._listing.take(self.store.objects(deep=False))
        self._is_unseen, self._trouble = False, None
        self._sweep()
        try:
            for path in final_files(self.folder):
                name = path.name
                there = name in self._listing.objects
                if there and not self._listing.is_known(name, path.stat().st_size):
                    self._compare(path)
        finally:
            self._listing.save()

    def exchange(self) -> None:
        """Learn what the bucket holds, and push what it lacks; raises as `look`."""
        self.look()
        self._push_all()

    def fetch(self, warc_files: Iterable[str], between: Callable[[], None]) -> None:
        """Fetch files that only the bucket has.

        Args:
            warc_files: the names of files.
            between: is called before each, and may stop it by an error.

        Raises:
            StoreUnreachableError: the bucket cannot be reached.
            NoRoomToFetchError: one of them would not fit on the disk.
        """
        for name in warc_files:
            between()
            self._path(name)

    @contextmanager
    def if_reached(self) -> Iterator[None]:
        """Go on after the block if the bucket cannot be reached in it, with the files here alone.

        `waiting` says why, until the bucket is reached again.
        """
        try:
            yield
        except StoreUnreachableError as error:
            self._trouble = str(error)

    def queued(self) -> list[Path]:
        """Return the final files that the bucket is not known to have."""
        return queued(self.folder, self._listing)

    def push_finished(self) -> None:
        """Push a file that has become final, and all that wait, if the bucket can be reached.

        They wait on if its listing failed: other homes may have erased what they hold.
        """
        if not self._is_unseen:
            with self.if_reached():
                self._push_all()

    def _push_all(self) -> None:
        try:
            for path in self.queued():
                self._push(path)
        finally:
            self._listing.save()

    def replace(self, path: Path, by: Path) -> None:
        """Put a file in the place of another of the folder, in the bucket first.

        Raises:
            ArchiveReplacedError: the bucket's file is no longer the folder's.
            StoreUnreachableError: the bucket cannot be reached.
        """
        there = self._listing.objects.get(path.name)
        if there is not None and path.suffix == ".gz":
            known = self._listing.here.get(path.name)
            version = self.store.push(by, path.name, known) if known else None
            if version is None:
                raise ArchiveReplacedError(
                    f"{path.name} was replaced in {self.store.place} by another program: run the"
                    " same command again, and `mptf verify` if it is refused again"
                )
            self._listing.note(StoredObject(path.name, by.stat().st_size, version))
        super().replace(path, by)
        self._listing.save()

    def waiting(self) -> list[str]:
        """Return a line for each reason why folder and bucket are not the same."""
        lines = []
        if self._trouble:
            waiting = len(self.queued())
            files = f"{waiting} file{'s wait' if waiting != 1 else ' waits'} here to be pushed"
            others = "what other homes archived is not loaded"
            told = files if waiting else others
            lines.append(f"{OF_BUCKET}could not be reached ({self._trouble}): {told}")
        return lines + self._conflicts()

    def differences(self) -> list[str]:
        """Compare folder and bucket, and return a line for each file in which they differ.

        Sizes and versions are compared, and the bytes of a version that is not known.

        Raises:
            StoreUnreachableError: the bucket cannot be reached.
        """
        self.look()
        place = self.store.place
        return [
            *(f"{name!r} in {place}: not a file of an archive, and ignored"
              for name in self._listing.ignored),
            *(f"{path.name}: not in {place} yet; the next run pushes it"
              for path in self.queued()),
            *self._conflicts(),
        ]  # fmt: skip

    def _conflicts(self) -> list[str]:
        return [
            f"{OF_BUCKET}has a {name} with other bytes than the one here; neither was replaced"
            for name in sorted(self._listing.conflicts)
        ]

    def _here(self, warc_file: str) -> Path:
        return super()._path(warc_file)

    def _path(self, warc_file: str) -> Path:
        """Return the path of a file, which is fetched if only the bucket has it."""
        path, there = self._here(warc_file), self._listing.objects.get(warc_file)
        if there is not None and not path.exists():
            self._take_over(*self._fetch(there))
            self._listing.add(warc_file)
        return path

    def _take_over(self, theirs: Path, fetched: StoredObject) -> None:
        """Put a fetched file in its place in the folder."""
        theirs.replace(self.folder / fetched.name)
        sync_folder(self.folder)
        self._listing.note(fetched)

    def _fetch(self, there: StoredObject) -> tuple[Path, StoredObject]:
        """Fetch an object to a file beside the archive's; return that file and the object.

        Raises:
            NoRoomToFetchError: it would not fit on the disk.
            StoreUnreachableError: the bucket cannot be reached, or has lost it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.folder).free
        if there.size + self._min_free_bytes > free:
            raise NoRoomToFetchError(
                f"{there.name} in {self.store.place} has {there.size} bytes, and {free} are free on"
                f" the disk of {self.folder}, of which {self._min_free_bytes} must stay free"
                " (min_free_mb): free some space first"
            )
        beside = self.folder / f"{there.name}.{secrets.token_hex(4)}{_FETCHING}"
        try:
            return beside, self.store.fetch(there.name, beside, there.size)
        except NoObjectError as error:
            raise StoreUnreachableError(f"{error}, though it was listed") from None

    def _push(self, path: Path) -> None:
        version = self.store.push(path, path.name)
        if version is None:  # pushed before, by a run that was killed before it knew
            self._listing.objects[path.name] = self.store.head(path.name)
            self._compare(path)
        else:
            self._listing.note(StoredObject(path.name, path.stat().st_size, version))

    def _compare(self, path: Path) -> None:
        """Compare a file with the bucket's of its name, and take over one of erased records."""
        known = self._listing.here.get(path.name)
        theirs, fetched = self._fetch(self._listing.objects[path.name])
        lost_bytes = known == fetched.version and path.stat().st_size != fetched.size
        if not lost_bytes and _digest(theirs) == _digest(path):
            theirs.unlink()
            self._listing.note(fetched)
        elif lost_bytes or is_erased_copy(path, theirs, self):
            self._take_over(theirs, fetched)
        else:
            theirs.unlink()
            self._listing.contradict(fetched)

    def _sweep(self) -> None:
        """Remove what killed processes were fetching, or storing of the listing."""
        for pattern in (f"*{_FETCHING}*", LISTINGS_BEING_STORED):
            for left in self.folder.glob(pattern):
                if left.stat().st_mtime < time() - _DAY_SECONDS:
                    left.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

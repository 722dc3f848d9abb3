"""Objects in a folder or in a bucket with S3's interface, through obstore.

Every object appears whole or not at all. Credentials, endpoint and region come from the environment
alone (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL and so on), and no message quotes what a store answered,
which may name them. A store that does not answer costs seconds: each request has an end, which
depends on its size, and few retries.
"""

import mmap
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from extractors.errors import UsageError
from extractors.store_errors import NoObjectError, StoreUnreachableError, reason_of

if TYPE_CHECKING:
    from obstore import GetResult, PutMode
    from obstore.store import ClientConfig, LocalStore, RetryConfig, S3Store

# A part of a prefix that is empty, dots, blank at an end or has an escape would become another one.
_PART = r"(?!\.{1,2}(?:/|$))[^\s/?#%](?:[^/?#%]*[^\s/?#%])?"
_BUCKET = re.compile(rf"s3://[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9](?:/{_PART})*/*")
_CONNECT_SECONDS, _ANSWER_SECONDS, _RETRY_SECONDS, _RETRIES = 3, 10, 10, 2
_RETRY: "RetryConfig" = {
    "max_retries": _RETRIES, "retry_timeout": timedelta(seconds=_RETRY_SECONDS),
}  # fmt: skip
_SLOWEST = 1 << 17  # bytes a second; a slower transfer fails
_ONE_REQUEST_BYTES = 4 << 30  # S3 takes 5 GiB in one
_CHUNK = 8 << 20
_MOST_READ = 64 << 20  # of an object that is read into memory


class StoredObject(NamedTuple):
    """An object: its name below the store's place, its size in bytes, and its version (ETag)."""

    name: str
    size: int
    version: str


class Store:
    """The objects below one place: a folder, or a bucket's prefix.

    Attributes:
        place: the place, as a person gave it.
    """

    def __init__(self, place: str, *, one_request_bytes: int = _ONE_REQUEST_BYTES) -> None:
        """Make a store; nothing is asked of it yet.

        Args:
            place: a folder, or `s3://bucket/prefix`.
            one_request_bytes: the size above which a file is pushed in parts.
        """
        self.place = place
        self._one_request_bytes = one_request_bytes
        self._opened: dict[object, S3Store] = {}  # each with the connections that it holds open

    @property
    def is_bucket(self) -> bool:
        """Return whether other machines can reach it: it is no folder."""
        return is_bucket(self.place)

    def objects(self, folder: str = "", *, deep: bool = True) -> list[StoredObject]:
        """Return the objects below a folder of the store, by name.

        Args:
            folder: a part of the name up to a slash; empty for all.
            deep: whether those in folders below it are returned, too.

        Raises:
            StoreUnreachableError: it does not answer, or has an object whose name no file can have.
        """
        import obstore  # noqa: PLC0415 because few commands need it

        store, prefix = self._store(), folder.strip("/") or None
        with self._asking():
            if deep:
                listed = [
                    one for part in obstore.list(store, prefix, chunk_size=1000) for one in part
                ]
            else:
                listed = list(obstore.list_with_delimiter(store, prefix)["objects"])
        found = [StoredObject(one["path"], one["size"], one["e_tag"] or "") for one in listed]
        return sorted(one for one in found if one.name.strip("/"))  # a console's "folder" has none

    def names(self, folder: str = "") -> list[str]:
        """Return the names of all objects below a folder of the store; as `objects`."""
        return [one.name for one in self.objects(folder)]

    def head(self, name: str) -> StoredObject:
        """Return an object without its bytes.

        Raises:
            NoObjectError: there is none.
            StoreUnreachableError: the store does not answer.
        """
        return _object(name, self._get(name, head=True))

    def read(self, name: str, size: int = 0) -> bytes:
        """Return the bytes of a small object; as `read_version`."""
        return self.read_version(name, size)[0]

    def read_version(self, name: str, size: int = 0) -> tuple[bytes, str]:
        """Return the bytes of a small object, and its version; raises as `head`.

        Args:
            name: the object's name.
            size: its size in bytes, if that is known; it decides how long to wait.

        Raises:
            StoreUnreachableError: it is of more than 64 MiB, too.
        """
        result = self._get(name, size=size)
        there = _object(name, result)
        if there.size > _MOST_READ:
            raise StoreUnreachableError(f"{self.place}: {name} is too large: {there.size} bytes")
        with self._asking():
            return bytes(result.bytes()), there.version

    def write(self, name: str, content: bytes) -> None:
        """Write a small object, in the place of any of this name."""
        self._put(name, content, "overwrite")

    def remove(self, name: str) -> None:
        """Remove an object, if it is there."""
        import obstore  # noqa: PLC0415 because few commands need it

        store = self._store()
        with self._asking():
            try:
                obstore.delete(store, name)
            except FileNotFoundError:
                return

    def create(self, name: str, content: bytes) -> str | None:
        """Write a small object and return its version; return None if there is one already."""
        return self._put(name, content, "create")

    def replace(self, name: str, content: bytes, version: str) -> str | None:
        """Write a small object in the place of one version, and return the new version.

        Returns:
            None if the object is another by now, or gone.
        """
        return self._put(name, content, {"e_tag": version})

    def fetch(self, name: str, to: Path, size: int = 0) -> StoredObject:
        """Write an object to a file, which appears whole and on disk or not at all.

        Args:
            name: the object's name.
            to: the file.
            size: its size in bytes, if that is known; it decides how long to wait.

        Raises:
            NoObjectError: there is none.
            StoreUnreachableError: the store does not answer, or broke off.
        """
        result = self._get(name, size=size or self.head(name).size)
        fetched = _object(name, result)
        beside = to.with_name(f"{to.name}.part")
        try:
            with beside.open("wb") as file:
                for chunk in self._chunks(result):
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            if beside.stat().st_size != fetched.size:
                raise StoreUnreachableError(f"{self.place}: {name} broke off on its way")
            beside.replace(to)
        finally:
            beside.unlink(missing_ok=True)
        return fetched

    def _chunks(self, result: "GetResult") -> Iterator[bytes]:
        stream = iter(result.stream(min_chunk_size=_CHUNK))
        while True:
            with self._asking():
                chunk = next(stream, None)
            if chunk is None:
                return
            yield bytes(chunk)

    def push(self, file: Path, name: str, over: str | None = None) -> str | None:
        """Write a file as an object, and return its version.

        A file of more than 4 GiB goes in parts; if two push such files of one name at once, the
        later one counts.

        Args:
            file: the file.
            name: the object's name.
            over: the version in whose place it goes; without one, there must be no object yet.

        Returns:
            None if the object is another by now, or gone; without `over`, if there is one already.
        """
        mode: PutMode = "create" if over is None else {"e_tag": over}
        size = file.stat().st_size
        if size == 0:
            return self._put(name, b"", mode)
        if size > self._one_request_bytes and self.is_bucket:
            return self._push_in_parts(file, name, over)
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ) as view:
            return self._put(name, view, mode)

    def _push_in_parts(self, file: Path, name: str, over: str | None) -> str | None:
        """Push a file that is too big for one request, which alone can have a condition."""
        try:
            there: str | None = self.head(name).version
        except NoObjectError:
            there = None
        return self._put(name, file, "overwrite") if there == over else None

    def _put(self, name: str, content: "bytes | mmap.mmap | Path", mode: "PutMode") -> str | None:
        import obstore  # noqa: PLC0415 because few commands need it
        from obstore.exceptions import AlreadyExistsError, PreconditionError  # noqa: PLC0415 as above

        size = content.stat().st_size if isinstance(content, Path) else len(content)
        with self._asking():
            try:
                put = obstore.put(self._store(size), name, content, mode=mode)
            except (AlreadyExistsError, PreconditionError):
                return None
        return put["e_tag"] or ""

    def _get(self, name: str, *, head: bool = False, size: int = 0) -> "GetResult":
        import obstore  # noqa: PLC0415 because few commands need it

        store = self._store(size)
        with self._asking():
            try:
                return obstore.get(store, name, options={"head": head})
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise
                raise NoObjectError(f"{self.place}: it has no {name}") from None

    def _store(self, size: int = 0) -> "LocalStore | S3Store":
        """Return obstore's store, whose requests may move so many bytes each."""
        from obstore.exceptions import BaseError  # noqa: PLC0415 because few commands need it
        from obstore.store import LocalStore, S3Store  # noqa: PLC0415 as above

        if not self.is_bucket:
            return LocalStore(Path(self.place).absolute(), mkdir=True)
        seconds = _ANSWER_SECONDS * 2 ** (size // _SLOWEST // _ANSWER_SECONDS).bit_length()
        about = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        key = (seconds, *sorted(about.items()))
        if key not in self._opened:
            try:
                self._opened[key] = S3Store.from_url(
                    self.place, client_options=_client(seconds, about), retry_config=_RETRY
                )
            except (BaseError, ValueError):
                raise UsageError(
                    f"{self.place}: the AWS_* variables of the environment are not valid"
                ) from None
        return self._opened[key]

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Turn any error of the store into one of ours, which quotes nothing of it."""
        from obstore.exceptions import BaseError  # noqa: PLC0415 because few commands need it

        try:
            yield
        except (BaseError, OSError, ValueError, NotImplementedError) as error:
            raise StoreUnreachableError(f"{self.place}: {reason_of(error)}") from None


def _client(seconds: int, about: dict[str, str]) -> "ClientConfig":
    return {
        "allow_http": about.get("AWS_ALLOW_HTTP", "").lower() in {"true", "1"},
        "connect_timeout": timedelta(seconds=_CONNECT_SECONDS),
        "timeout": timedelta(seconds=seconds),
    }


def is_bucket(place: str) -> bool:
    """Return whether a place is in a bucket, not a folder."""
    return place.startswith("s3://")


def checked_place(place: str) -> str:
    """Return a place as a store takes it.

    Raises:
        UsageError: it is the URL of something else.
    """
    if ("://" in place or place.startswith("s3:")) and not _BUCKET.fullmatch(place):
        raise UsageError(
            "a place is a folder or s3://bucket/prefix; its keys are variables (AWS_*)"
        )
    return place.rstrip("/") if is_bucket(place) else place


def open_store(place: str | Path) -> Store:
    """Return the store at a place, a folder or `s3://bucket/prefix`; nothing is asked of it yet.

    Raises:
        UsageError: it is the URL of something else.
    """
    return Store(checked_place(str(place)))


def _object(name: str, result: "GetResult") -> StoredObject:
    return StoredObject(name, result.meta["size"], result.meta["e_tag"] or "")

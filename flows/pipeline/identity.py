"""The identity of a home, and the one that all homes with one bucket share."""

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from extractors.archive.listing import HOME_FILE
from extractors.errors import MptfError
from extractors.objects import Store
from extractors.store_errors import NoObjectError, StoreUnreachableError


class HomeIdentityError(MptfError):
    """The file or object that identifies a home cannot be parsed; the message names it."""


def identity_of(folder: Path) -> str:
    """Return a home's identity: a random number, made once and stored in its folder.

    Raises:
        HomeIdentityError: the file that holds it is damaged.
    """
    return str(_told(folder)["home"])


def identity_of_archive(folder: Path, store: Store) -> str:
    """Return the identity of all homes with one bucket: that of the first which asked.

    A home remembers it, for nights on which the bucket cannot be reached.

    Raises:
        HomeIdentityError: it is damaged.
        StoreUnreachableError: the bucket cannot be reached, and never was from this home.
    """
    told = _told(folder)
    known = told.get("archives", {}).get(store.place)
    try:
        found = _in_bucket(store, str(told["home"]))
    except StoreUnreachableError:
        if known is None:
            raise
        return str(known)
    if found != known:
        _replace(folder / HOME_FILE, {**told, "archives": {store.place: found}})
    return found


def _in_bucket(store: Store, proposed: str) -> str:
    """Return the identity in a bucket, which is the proposed one if it has none yet."""
    with suppress(NoObjectError):
        return _read(store)
    store.create(HOME_FILE, json.dumps({"home": proposed}).encode())
    return _read(store)


def _read(store: Store) -> str:
    return str(_parsed(store.read(HOME_FILE), f"{store.place}/{HOME_FILE}")["home"])


def _told(folder: Path) -> dict[str, Any]:
    file = folder / HOME_FILE
    if not file.exists():
        _create(file, {"home": secrets.token_hex(16)})
    return _parsed(file.read_bytes(), str(file))


def _parsed(content: bytes, where: str) -> dict[str, Any]:
    try:
        told = json.loads(content)
        return {**told, "home": str(told["home"])}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise HomeIdentityError(
            f"{where} is damaged: remove it, and the home gets a new identity"
        ) from error


def _create(file: Path, told: dict[str, Any]) -> None:
    """Create the file whole, unless another process does first."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.") as whole:
        _write(Path(whole.name), told)
        with suppress(FileExistsError):
            os.link(whole.name, file)


def _replace(file: Path, told: dict[str, Any]) -> None:
    """Replace the file whole, whatever other processes do."""
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as whole:
        _write(Path(whole.name), told)
        Path(whole.name).replace(file)


def _write(file: Path, told: dict[str, Any]) -> None:
    with file.open("w") as opened:
        json.dump(told, opened)
        opened.flush()
        os.fsync(opened.fileno())

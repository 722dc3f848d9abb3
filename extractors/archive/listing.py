"""What a home knows of its archive's bucket, stored beside the files that it has of it."""

import json
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from extractors.objects import StoredObject

HOME_FILE, LEASE_FILE = "home.json", "lease.json"
LISTING_FILE = "bucket.json"
LISTINGS_BEING_STORED = "bucket.*.new"
OF_BUCKET = "the archive's bucket "  # begins a reason why a run is incomplete
# No file of another name is fetched: this one stays in its folder, whoever wrote it.
_WARC_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}\.warc\.gz")


class Listing:
    """The objects of a bucket when it was listed last, and which versions of them are in a folder.

    Attributes:
        objects: the archive files in the bucket, by name.
        here: the version of each file of the folder that the bucket has, by name.
        conflicts: versions that hold other bytes than the folder's files of their names.
        ignored: names in the bucket that are of no archive file.
    """

    def __init__(self, folder: Path, place: str) -> None:
        """Load what is known of a place; begin empty if the file is damaged or of another place."""
        self._file = folder / LISTING_FILE
        self._place = place
        known = _stored(self._file)
        if known.get("place") != place:
            known = {"fetched": []}
        found = {**known.get("objects", {}), **{name: told for name, *told in known["fetched"]}}
        self.objects = {name: StoredObject(name, *told) for name, told in found.items()}
        fetched = {name: version for name, _, version in known["fetched"]}
        self.here: dict[str, str] = {**known.get("here", {}), **fetched}
        stored: dict[str, str] = known.get("conflicts", {})
        self.conflicts = {name: one for name, one in stored.items() if name not in fetched}
        self.ignored: list[str] = known.get("ignored", [])

    def take(self, listed: Iterable[StoredObject]) -> None:
        """Replace what is known of the bucket by what it lists now."""
        self.objects, self.ignored = {}, []
        for one in listed:
            if _WARC_NAME.fullmatch(one.name):
                self.objects[one.name] = one
            elif one.name not in {HOME_FILE, LEASE_FILE}:
                self.ignored.append(one.name)
        for versions in (self.here, self.conflicts):
            for name in versions.keys() - self.objects.keys():
                del versions[name]

    def is_known(self, name: str, size: int) -> bool:
        """Return whether the bucket's object is known to be the folder's file, or not to be."""
        there = self.objects[name]
        if self.conflicts.get(name) == there.version:
            return True
        return self.here.get(name) == there.version and size == there.size

    def note(self, there: StoredObject) -> None:
        """Note that the folder's file has the bytes of an object."""
        self.objects[there.name] = there
        self.here[there.name] = there.version
        self.conflicts.pop(there.name, None)

    def contradict(self, there: StoredObject) -> None:
        """Note that the folder's file has other bytes than an object of its name."""
        self.objects[there.name] = there
        self.here.pop(there.name, None)
        self.conflicts[there.name] = there.version

    def add(self, name: str) -> None:
        """Store that the folder has a file of the bucket, without writing all that is known."""
        if not self._file.exists():
            self.save()
        one = self.objects[name]
        with self._file.open("a") as file:
            file.write(json.dumps([name, one.size, one.version]) + "\n")

    def save(self) -> None:
        """Store what is known, for the next process."""
        known = {
            "place": self._place,
            "objects": {one.name: [one.size, one.version] for one in self.objects.values()},
            "here": self.here, "conflicts": self.conflicts, "ignored": self.ignored,
        }  # fmt: skip
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(f".{secrets.token_hex(4)}.new")  # readers may too
        beside.write_text(json.dumps(known) + "\n")
        beside.replace(self._file)


def final_files(folder: Path) -> list[Path]:
    """Return the files of an archive's folder that no run is writing."""
    return sorted(path for path in folder.glob("*.warc.gz") if _WARC_NAME.fullmatch(path.name))


def queued(folder: Path, listing: Listing) -> list[Path]:
    """Return the final files of a folder that its bucket is not known to have."""
    return [path for path in final_files(folder) if path.name not in listing.objects]


def _stored(file: Path) -> dict[str, Any]:
    """Return what a file tells, with what was `fetched` since: name, size and version of each."""
    known: Any = None
    fetched: list[Any] = []
    with suppress(OSError, ValueError, RecursionError):  # the last line may be torn
        first, *others = file.read_text().splitlines() or [""]
        known = json.loads(first)
        fetched.extend(map(json.loads, others))
    return {**known, "fetched": fetched} if isinstance(known, dict) else {"fetched": []}

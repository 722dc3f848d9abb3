"""The archived bodies that revisits of other crawls refer to."""

from collections.abc import Iterable

from extractors.archive.foreign.digests import algorithm_of, contradict, digests_of, parse_digest
from extractors.archive.foreign.revisits import KnownBody
from extractors.archive.inputs import InputRefusedError, Reference
from extractors.archive.reader import Archive, ArchivedRecord
from extractors.archive.warc import place_name
from warehouse.bodies import CapturedBody, captured_bodies
from warehouse.connection import Connection

_SCHEMES = ("http://", "https://")


class ArchivedBodies:
    """The bodies that were captured at some URLs, under either scheme."""

    def __init__(self, archive: Archive, con: Connection, urls: Iterable[str]) -> None:
        self._archive = archive
        self._of_url: dict[str, list[CapturedBody]] = {}
        spellings = {spelling for url in urls for spelling in _spellings(url)}
        for found in captured_bodies(con, spellings) if spellings else ():
            self._of_url.setdefault(found.url, []).append(found)

    def find(self, reference: Reference) -> KnownBody | None:
        """Return the body that a revisit refers to; None if the archive has no certain one.

        Raises:
            InputRefusedError: the capture that the revisit names has another digest.
        """
        spellings = {spelling for url in reference.urls for spelling in _spellings(url)}
        captures = [found for url in spellings for found in self._of_url.get(url, [])]
        captures.sort(key=lambda found: found.captured_at, reverse=True)
        for found in captures:
            if reference.is_newest_earlier:
                if _may_be_earlier_version(found, reference):
                    return _known(found, frozenset())
            elif (known := self._named(found, reference)) is not None:
                return known
        return None

    def _named(self, found: CapturedBody, reference: Reference) -> KnownBody | None:
        """Return a body if the revisit names its capture, or tells its digest."""
        record = self._record(found.warc_file, found.warc_offset)
        if record is None:
            return None
        names = {place_name(found.url, found.captured_at), *record.known_as}
        is_named = not names.isdisjoint(reference.names)
        if not is_named and not reference.digests:
            return None
        if record.body is None:
            record = self._record(found.body_file, found.body_offset)
        body = (record.body if record else None) or b""
        algorithms = {algorithm_of(digest) for digest in reference.digests}
        digests = {name for name in names if parse_digest(name) == name}
        digests |= digests_of(body, algorithms=algorithms)
        if is_named and contradict(reference.digests, digests):
            raise InputRefusedError("a revisit record whose digest is not that of its page")
        is_same = is_named or not digests.isdisjoint(reference.digests)
        return _known(found, frozenset(digests)) if is_same else None

    def _record(self, warc_file: str, offset: int) -> ArchivedRecord | None:
        """Return a record of the archive; None if it is damaged, of which `verify` tells."""
        try:
            return self._archive.record(warc_file, offset)
        except (ValueError, OSError):
            return None


def _may_be_earlier_version(found: CapturedBody, reference: Reference) -> bool:
    """Return whether a capture may be the one since which nothing had changed."""
    validators = (
        (found.etag, reference.etag),
        (found.last_modified, reference.last_modified),
    )
    differs = any(_bare(one) != _bare(other) for one, other in validators if one and other)
    return found.captured_at <= reference.before and not differs and not found.forgotten


def _bare(validator: str) -> str:
    return validator.removeprefix("W/")


def _known(found: CapturedBody, digests: frozenset[str]) -> KnownBody:
    return KnownBody(
        found.captured_at, found.body_sha256, found.body_bytes, found.cut_short, digests
    )


def _spellings(url: str) -> list[str]:
    """Return a URL with both schemes: archives have pages under either."""
    bare = url.partition("://")[2]
    return [f"{scheme}{bare}" for scheme in _SCHEMES] if url.startswith(_SCHEMES) else [url]

"""Revisits to the bodies that they refer to, in all forms that the standard allows.

A revisit may name a record by its ID, a capture by URL and time, a body by its digest, or say only
that the server answered 304: then it is the newest earlier capture of its URL. The record that has
the body may stand before or behind it, in its file, in another one or in the archive.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from extractors.archive.foreign.digests import contradict, digests_of, parse_digest
from extractors.archive.foreign.payload import HttpHead
from extractors.archive.foreign.records import ForeignRecord
from extractors.archive.inputs import InputRefusedError, Reference, Revisit, SavedItem, checked_url
from extractors.archive.reader import validator
from extractors.archive.warc import parse_time, place_name
from extractors.captures import NewCapture, RefusedInput, RevisitCapture, SkippedInput

NOT_MODIFIED = "304"
WITHOUT_PAGE = "revisit_without_page"  # kind of a failure
_PROFILE = "/server-not-modified"
_UNKNOWN = (
    "a revisit record of a page that is not archived: ingest the file that holds the page,"
    " and the revisit is loaded with it"
)


class KnownBody(NamedTuple):
    """A body that is archived, and when it was captured.

    `cut_short` is that of its capture; `digests` are those known of it, as sent and as decoded.
    """

    captured_at: datetime
    body_sha256: str
    body_bytes: int
    cut_short: str | None
    digests: frozenset[str]


FindBody = Callable[[Reference], KnownBody | None]
ResolvedItem = NewCapture | RevisitCapture | RefusedInput | SkippedInput


def reference_of(record: ForeignRecord, head: HttpHead, url: str, time: datetime) -> Reference:
    """Return what a revisit record at a URL and time says of its body.

    Raises:
        ValueError: it refers to an invalid URL or time.
    """
    target = record.id_header("WARC-Refers-To-Target-URI")
    target = checked_url(target) if target else ""
    date, record_id = record.header("WARC-Refers-To-Date"), record.id_header("WARC-Refers-To")
    names = [record_id] if record_id else []
    if date:
        names.append(place_name(target or url, parse_time(date)))
    digest = parse_digest(record.header("WARC-Payload-Digest"))
    return Reference(
        names=tuple(names),
        digests=frozenset([digest] if digest else []),
        urls=tuple(dict.fromkeys([target or url, url])),
        before=time,
        is_not_modified=record.header("WARC-Profile").lower().rstrip("/").endswith(_PROFILE)
        or head.status == NOT_MODIFIED,
        etag=validator(head.headers, "etag"),
        last_modified=validator(head.headers, "last-modified"),
    )


class Revisits:
    """The revisits of some inputs, and the bodies of the captures in them."""

    def __init__(self) -> None:
        self._bodies: dict[str, KnownBody] = {}
        self._waiting: list[Revisit] = []
        self._held: set[Revisit] = set()
        self.without_page: list[Revisit] = []  # those of the inputs that `rest` refused
        self._newest: dict[str, list[KnownBody]] = {}  # of URLs, as the revisits resolved last show

    def resolved(self, items: Iterable[SavedItem]) -> Iterator[ResolvedItem]:
        """Yield the items; hold a revisit back whose body did not come before it."""
        for item in items:
            if isinstance(item, NewCapture):
                self._remember(item)
            if not isinstance(item, Revisit):
                yield item
                continue
            try:
                found = self._find(item.refers_to)
            except InputRefusedError as error:
                yield RefusedInput(item.name, str(error))
                continue
            if found is None:
                self._waiting.append(item)
            else:
                yield self._capture(item, found)

    def hold(self, revisits: Iterable[Revisit]) -> None:
        """Hold back revisits of earlier inputs, which were refused then."""
        self._held = set(revisits)

    def urls(self) -> set[str]:
        """Return where the bodies may have been captured to which the held-back revisits refer."""
        waiting = {*self._waiting, *self._held}
        return {url for revisit in waiting for url in revisit.refers_to.urls}

    def rest(self, find_archived: FindBody) -> Iterator[RevisitCapture | RefusedInput]:
        """Yield the revisits held back; refuse those whose body is neither here nor archived.

        All other captures are archived by now. Those that name their body come first, because
        what they are decides which capture is the newest before another revisit.
        """
        of_inputs = set(self._waiting)
        for revisit in sorted(of_inputs | self._held, key=_order):
            try:
                found = self._find(revisit.refers_to) or self._newest_of(
                    revisit.refers_to, find_archived(revisit.refers_to)
                )
            except InputRefusedError as error:
                yield RefusedInput(revisit.name, str(error))
                continue
            if found is not None:
                yield self._resolved_late(revisit, found)
            elif revisit in of_inputs:
                self.without_page += [revisit] if revisit not in self._held else []
                yield RefusedInput(revisit.name, _UNKNOWN, WITHOUT_PAGE)

    def _remember(self, new: NewCapture) -> None:
        digests = frozenset(name for name in new.known_as if parse_digest(name) == name)
        known = KnownBody(
            new.captured_at, new.body_sha256, new.body_bytes, new.cut_short,
            digests | digests_of(new.body),
        )  # fmt: skip
        for name in (*new.known_as, place_name(new.url, new.captured_at), *known.digests):
            self._bodies.setdefault(name, known)

    def _find(self, reference: Reference) -> KnownBody | None:
        """Return the body that one of the inputs has.

        Raises:
            InputRefusedError: the record that the revisit names has another body.
        """
        named = [self._bodies[name] for name in reference.names if name in self._bodies]
        for known in named:
            if contradict(reference.digests, known.digests):
                raise InputRefusedError("a revisit record whose digest is not that of its page")
        by_digest = (self._bodies[one] for one in reference.digests if one in self._bodies)
        return next(iter(named), None) or next(by_digest, None)

    def _newest_of(self, reference: Reference, archived: KnownBody | None) -> KnownBody | None:
        """Return the newer of what the archive has before a revisit, and of what came after."""
        if not reference.is_newest_earlier:
            return archived
        seen = [
            known
            for url in reference.urls
            for known in self._newest.get(_without_scheme(url), [])
            if known.captured_at <= reference.before
        ]
        found = [*seen, *([archived] if archived else [])]
        return max(found, key=lambda known: known.captured_at, default=None)

    def _resolved_late(self, revisit: Revisit, found: KnownBody) -> RevisitCapture:
        """Return a revisit as a capture, which may be the newest before another revisit."""
        seen = found._replace(captured_at=revisit.captured_at)
        self._newest.setdefault(_without_scheme(revisit.url), []).append(seen)
        return self._capture(revisit, found)

    def _capture(self, revisit: Revisit, known: KnownBody) -> RevisitCapture:
        """Return a revisit as a capture; others may refer to it as to the first."""
        for name in (*revisit.known_as, place_name(revisit.url, revisit.captured_at)):
            self._bodies.setdefault(name, known)
        return RevisitCapture(
            revisit.url, revisit.captured_at, revisit.captured_at_source, "warc",
            known.body_sha256, known.body_bytes, revisit.http_status, revisit.headers,
            known.cut_short,
        )  # fmt: skip


def _order(revisit: Revisit) -> tuple[bool, datetime, str]:
    return revisit.refers_to.is_newest_earlier, revisit.captured_at, revisit.name


def _without_scheme(url: str) -> str:
    return url.partition("://")[2] or url

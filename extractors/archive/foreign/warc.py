"""Captures from WARC files that other programs wrote.

Pages come as responses, as resources, as the texts that a corpus made of them (conversions), and as
revisits, which have no body of their own. Style sheets, pictures and the crawler's own records are
skipped, and so is a text whose page stands before it in its file.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from extractors.archive.foreign.crawls import what_it_is
from extractors.archive.foreign.payload import HttpHead, read_head, read_payload
from extractors.archive.foreign.records import ForeignRecord, foreign_records
from extractors.archive.foreign.revisits import NOT_MODIFIED, reference_of
from extractors.archive.foreign.segments import joined
from extractors.archive.inputs import (
    READ_ERRORS,
    CaptureOverrides,
    InputRefusedError,
    Revisit,
    SavedItem,
    checked_url,
    short,
)
from extractors.archive.told import Told, of_replay
from extractors.archive.warc import HTTP_STATUS, NOT_A_CAPTURE, parse_time, place_name
from extractors.captures import NewCapture, RefusedInput, SkippedInput
from extractors.ids import subject_of

_OK = "200"
_REDIRECTS = frozenset({"300", "301", "302", "303", "305", "307", "308"})
_KINDS = frozenset({"response", "resource", "revisit", "conversion"})
_TEXT = "text/plain"


def read_warc(path: Path, overrides: CaptureOverrides, max_body_bytes: int) -> Iterator[SavedItem]:
    """Yield every capture of a file, in its order, and a `RefusedInput` for each bad record."""
    reader = _Reader(path.name, overrides, max_body_bytes)
    for record in joined(foreign_records(path, max_body_bytes), max_body_bytes):
        if isinstance(record, RefusedInput):
            yield record
        elif record.kind in _KINDS and record.header(NOT_A_CAPTURE) == "":
            yield from reader.read(record)


class _Reader:
    """The captures of one file, record by record."""

    def __init__(self, name: str, overrides: CaptureOverrides, max_body_bytes: int) -> None:
        self._name = name
        self._overrides = overrides
        self._max_body_bytes = max_body_bytes
        self._captured: set[str] = set()  # names of records
        self._skipped: dict[str, str] = {}  # names of records, and what they are

    def read(self, record: ForeignRecord) -> Iterator[SavedItem]:
        """Yield the capture of a record, if it is one."""
        url = record.id_header("WARC-Target-URI")
        name = f"{self._name}:{url}"
        try:
            head = read_head(record)
            names = _names(record, url)
            what = self._what_it_is(record, head, url, names)
            if what:
                self._skipped |= dict.fromkeys(names, what)
                yield SkippedInput(name, what)
            elif not _is_error(record, head) or subject_of(url) is not None:
                yield self._capture(record, head, url, names)
                self._captured |= set(names)
        except READ_ERRORS as error:
            yield RefusedInput(name, short(error))

    def _what_it_is(
        self, record: ForeignRecord, head: HttpHead, url: str, names: tuple[str, ...]
    ) -> str:
        """Return what a record is that is skipped; "" for a page, and for an error at its URL."""
        if head.status in _REDIRECTS:
            return "a redirect"
        own_type = "" if head.status else record.header("Content-Type")
        if record.kind == "revisit":
            refers_to = reference_of(record, head, url, _record_time(record)).names
            skipped = (self._skipped[one] for one in refers_to if one in self._skipped)
            return next(skipped, "") or what_it_is(url, head.header("Content-Type"))
        if record.kind == "conversion":
            if not own_type.lower().startswith(_TEXT) and own_type:
                return "a conversion to something else than text"
            if self._captured.intersection((*names, record.id_header("WARC-Refers-To"))):
                return "the text of a page in the same file"
        return what_it_is(url, head.header("Content-Type") or own_type)

    def _capture(
        self, record: ForeignRecord, head: HttpHead, url: str, names: tuple[str, ...]
    ) -> NewCapture | Revisit:
        overrides = self._overrides
        status = int(head.status) if HTTP_STATUS.fullmatch(head.status) else None
        seen_url, seen_at, time_source, headers = _seen(record, head, url)
        captured_at = overrides.captured_at or seen_at
        time_source = "option" if overrides.captured_at else time_source
        capture_url = checked_url(overrides.url or seen_url)
        if record.kind == "revisit" or head.status == NOT_MODIFIED:
            refers_to = reference_of(record, head, checked_url(url), _record_time(record))
            if status is None and refers_to.is_not_modified:
                status = int(NOT_MODIFIED)
            return Revisit(
                f"{self._name}:{url}", capture_url, captured_at, time_source, status, headers,
                names, refers_to,
            )  # fmt: skip
        if _is_error(record, head):
            printed = head.status[:20]
            raise InputRefusedError(f"a response with status {printed}, which is not a page")
        payload = read_payload(record, head, self._max_body_bytes)
        return NewCapture(
            capture_url, captured_at, time_source, "warc", payload.body, status, headers,
            payload.cut_short, known_as=(*names, *sorted(payload.digests)),
        )  # fmt: skip


def _seen(
    record: ForeignRecord, head: HttpHead, url: str
) -> tuple[str, datetime, str, tuple[tuple[str, str], ...]]:
    """Return a record's URL, its time, how that is known, and its headers.

    A crawl of a web archive has pages that the archive captured, and a Date header of its own.
    """
    replay = of_replay(Told(url=url))
    if replay is None or replay.url is None or replay.saved_at is None:
        return url, _record_time(record), "warc", head.headers
    headers = tuple(pair for pair in head.headers if pair[0].lower() != "date")
    return replay.url, replay.saved_at, "memento", headers


def _names(record: ForeignRecord, url: str) -> tuple[str, ...]:
    """Return the names under which other records may refer to a record."""
    record_id = record.id_header("WARC-Record-ID")
    place = place_name(checked_url(url), _record_time(record))
    return (record_id, place) if record_id else (place,)


def _is_error(record: ForeignRecord, head: HttpHead) -> bool:
    """Return whether a response has a status other than 200, even one that HTTP does not have."""
    accepted = {_OK, NOT_MODIFIED}
    return record.kind == "response" and head.status.isdecimal() and head.status not in accepted


def _record_time(record: ForeignRecord) -> datetime:
    printed = record.header("WARC-Date")
    try:
        return parse_time(printed)
    except ValueError as error:
        raise InputRefusedError(f"a record whose WARC-Date is no time: {printed[:40]!r}") from error

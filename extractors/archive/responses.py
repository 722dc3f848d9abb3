"""The newest response to each URL in some archive files, captures or not.

The ledger knows captures only. This is for archives without one, such as those of probes, where
robots.txt, redirects and errors count as much as pages.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from extractors.archive.reader import FETCHED_AT, Archive, header_of
from extractors.archive.warc import NOT_A_CAPTURE, parse_record, parse_time

_MOST_RECORDS = 20_000  # of one file, so that a file of a stranger does not fill the memory
_STATUS = re.compile(r"[0-9]{3}")
_DIGEST = "WARC-Payload-Digest"
_TYPES = frozenset({"response", "resource", "revisit"})


class ArchivedResponse(NamedTuple):
    """A response as it was archived; times are naive UTC.

    `reason` is empty for a capture, and otherwise says why it is none. Without a status there was
    no response, and the body says why. `started_at` is when the run began that received it.
    """

    url: str
    received_at: datetime
    started_at: datetime
    status: int | None
    headers: tuple[tuple[str, str], ...]
    reason: str
    body: bytes


class _Place(NamedTuple):
    """Where a record stands, and where its body does."""

    warc_file: str
    offset: int
    body_offset: int


class Responses:
    """The newest response to each URL in archive files, given from the oldest to the newest.

    Attributes:
        counts: the number of responses in each file.
    """

    def __init__(self, archive: Archive, warc_files: Iterable[str]) -> None:
        self._archive = archive
        self._places: dict[str, _Place] = {}
        self.counts: dict[str, int] = {}
        for name in warc_files:
            self._index(name)

    def urls(self) -> list[str]:
        """Return the URLs, those that were first requested first."""
        return list(self._places)

    def get(self, url: str) -> ArchivedResponse | None:
        """Return the newest response to a URL, or None."""
        place = self._places.get(url)
        if place is None:
            return None
        record, body = parse_record(self._archive.content(place.warc_file, place.offset))
        if place.body_offset != place.offset:
            _, body = parse_record(self._archive.content(place.warc_file, place.body_offset))
        http = record.http_headers
        return ArchivedResponse(
            url,
            parse_time(header_of(record, "WARC-Date")),
            parse_time(header_of(record, FETCHED_AT)),
            _status(http.get_statuscode()) if http else None,
            tuple(http.headers) if http else (),
            record.rec_headers.get_header(NOT_A_CAPTURE) or "",
            body,
        )

    def _index(self, warc_file: str) -> None:
        bodies: dict[str, int] = {}  # offset by digest
        self.counts[warc_file] = 0
        for offset, content in self._archive.contents(warc_file):
            try:
                record, _ = parse_record(content)
                if record.rec_type not in _TYPES:
                    continue
                url, digest = (header_of(record, n) for n in ("WARC-Target-URI", _DIGEST))
                parse_time(header_of(record, "WARC-Date"))
                parse_time(header_of(record, FETCHED_AT))
            except ValueError:
                continue  # another program wrote it
            body_offset = bodies.get(digest, offset) if record.rec_type == "revisit" else offset
            bodies.setdefault(digest, body_offset)
            self._places[url] = _Place(warc_file, offset, body_offset)
            self.counts[warc_file] += 1
            if self.counts[warc_file] == _MOST_RECORDS:
                return


def _status(text: str | None) -> int | None:
    return int(text) if text and _STATUS.fullmatch(text) else None

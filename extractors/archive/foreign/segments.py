"""Records that were written in segments, joined.

The first segment is a record of its own type with `WARC-Segment-Number: 1`; the others are
`continuation` records that name the first, and the last of them says how long the whole is.
"""

import re
from collections.abc import Iterable, Iterator

from extractors.archive.foreign.records import ForeignRecord
from extractors.captures import RefusedInput

_NUMBER, _ORIGIN, _TOTAL = (
    "WARC-Segment-Number", "WARC-Segment-Origin-ID", "WARC-Segment-Total-Length"
)  # fmt: skip
_CONTINUATION = "continuation"
_SIZE = re.compile(r"[0-9]{1,15}")
_MOST_WAITING = 1000  # segments at a time


def joined(
    records: Iterable[ForeignRecord | RefusedInput], max_body_bytes: int
) -> Iterator[ForeignRecord | RefusedInput]:
    """Yield the records, those in segments as soon as all of these came.

    Refuse segments whose others are not in the file, and those of too large a record.
    """
    waiting: dict[str, _Segments] = {}
    count, size = 0, 0  # of the segments that wait
    for record in records:
        if isinstance(record, RefusedInput) or not _is_segment(record):
            yield record
            continue
        origin = record.id_header(_ORIGIN if record.kind == _CONTINUATION else "WARC-Record-ID")
        segments = waiting.setdefault(origin, _Segments())
        size += segments.add(record)
        count += 1
        whole = segments.whole()
        if whole is not None:
            del waiting[origin]
            count, size = count - segments.count, size - segments.size
            yield whole
        elif size > max_body_bytes or count > _MOST_WAITING:
            reason = "larger than any page, or in more segments"
            yield from (one.refused(reason) for one in waiting.values())
            waiting.clear()
            count, size = 0, 0
    for segments in waiting.values():
        yield segments.refused("the record's other segments are not in this file")


class _Segments:
    """The segments of one record that came so far."""

    def __init__(self) -> None:
        self._by_number: dict[str, ForeignRecord] = {}
        self.count = 0  # with those that came again
        self.size = 0  # in bytes

    def add(self, record: ForeignRecord) -> int:
        """Add a segment; return its size, or 0 if one of its number came before."""
        self.count += 1
        if self._by_number.setdefault(record.header(_NUMBER), record) is not record:
            return 0
        self.size += len(record.block)
        return len(record.block)

    def whole(self) -> ForeignRecord | None:
        """Return the whole record if every segment is here, up to the length that the last tells.

        It has the headers of the first segment, less the digest of that segment alone.
        """
        parts = [self._by_number.get(str(number + 1)) for number in range(len(self._by_number))]
        found = [part for part in parts if part is not None]
        total = found[-1].header(_TOTAL) if found else ""
        if len(found) < len(parts) or not _SIZE.fullmatch(total) or int(total) != self.size:
            return None
        first = found[0]
        if first.kind == _CONTINUATION:
            return None
        first.headers.remove_header("WARC-Block-Digest")
        return first._replace(block=b"".join(part.block for part in found))

    def refused(self, reason: str) -> RefusedInput:
        """Refuse the segments, by the name of one of them."""
        numbers = ", ".join(sorted(self._by_number))[:40]
        url = next(iter(self._by_number.values())).id_header("WARC-Target-URI")[:200]
        where = next(iter(self._by_number.values())).where
        return RefusedInput(where, f"segment {numbers} of {url}: {reason}")


def _is_segment(record: ForeignRecord) -> bool:
    return record.kind == _CONTINUATION or record.header(_NUMBER) != ""

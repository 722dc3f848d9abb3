"""The records of a WARC that somebody else wrote, unpacked, one behind the other.

warcio reads a header however long it is, in time that grows as the square of its length; and a
megabyte that is packed may hold a line of a gigabyte. So records are cut out here, and only those
of which the heads are of a size that heads have are handed on to it, whole.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from extractors.archive.warc import HEADS_ROOM, Member

_CHUNK = 1 << 16
_LENGTH = re.compile(
    rb"^content-length:[ \t]*([0-9]{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
_HAS_HTTP_HEAD = re.compile(
    rb"^warc-type:[ \t]*(?:response|request|revisit)\b", re.IGNORECASE | re.MULTILINE
)
_HEAD_ENDS = re.compile(rb"\n\r?\n")


def plain_records(stream: BinaryIO, max_payload: int) -> Iterator[Member]:
    """The records of a stream, each with its heads and payload, and where it stands in it (bytes).

    One that is larger than `max_payload` and its heads, or of which a head is longer than any, is
    named and passed over. What a record promises beyond the stream's end it lacks: its reader is
    told its length, and sees. Where no record's length can be told, nothing is read after it.

    Raises:
        ValueError: what stands where a record should begin is none.
    """
    at = 0
    while True:
        blank, head = _head(stream)
        start = at + blank
        if not head:
            return
        if not head.startswith(b"WARC/"):
            raise ValueError(f"no WARC record at byte {start}: {head[:20]!r}")
        found = _LENGTH.search(head)
        if found is None or _HEAD_ENDS.search(head) is None:
            yield Member(start, start + len(head), None, "a record whose head has no end or length")
            return
        length = int(found[1])
        content = head + stream.read(min(length, max_payload + HEADS_ROOM))
        passed = len(content) + _skip(stream, length - (len(content) - len(head)))
        at = start + passed
        if length > max_payload + HEADS_ROOM:
            yield Member(start, at, None, f"larger than {max_payload:,} bytes, which no page is")
        elif _HAS_HTTP_HEAD.search(head) and not _ends_soon(content, len(head)):
            yield Member(start, at, None, "a head longer than any answer's")
        else:
            yield Member(start, at, content, None)


def _head(stream: BinaryIO) -> tuple[int, bytes]:
    """The blank lines before a record, counted in bytes, and its head with the blank line after it.

    The head is empty at the stream's end, and without that line where it is too long.

    Raises:
        ValueError: the blank lines are more than stand between any records.
    """
    blank = 0
    line = stream.readline(HEADS_ROOM)
    while line in {b"\r\n", b"\n"}:
        blank += len(line)
        if blank > HEADS_ROOM:
            raise ValueError("nothing but blank lines where a WARC record should be")
        line = stream.readline(HEADS_ROOM)
    head = bytearray(line)
    while line not in {b"", b"\r\n", b"\n"} and len(head) < HEADS_ROOM:
        line = stream.readline(HEADS_ROOM)
        head += line
    return blank, bytes(head)


def _ends_soon(content: bytes, start: int) -> bool:
    """Whether the head of an answer does; one that is nothing but a head may have no end."""
    within = content[start : start + HEADS_ROOM]
    return len(content) - start < HEADS_ROOM or _HEAD_ENDS.search(within) is not None


def _skip(stream: BinaryIO, count: int) -> int:
    skipped = 0
    while skipped < count and (chunk := stream.read(min(_CHUNK, count - skipped))):
        skipped += len(chunk)
    return skipped

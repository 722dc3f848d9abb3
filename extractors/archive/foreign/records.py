"""Records cut out of WARC files that other programs wrote, maybe compressed, cut or damaged.

warcio reads a header of any length, in time that grows as the square of the length, and a
compressed megabyte may hold a line of a gigabyte. So this module cuts out the records itself, and
passes only heads of a normal size to warcio.
"""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser

from extractors.archive.inputs import READ_ERRORS, short
from extractors.archive.warc import MAX_HEAD_BYTES, members
from extractors.captures import RefusedInput

_CHUNK = 1 << 16
_GZIP_MAGIC = b"\x1f\x8b"
_VERSION = b"WARC/"
_BLANK_LINES = 2  # behind a record
_LENGTH = re.compile(r"[0-9]{1,15}")
_END_OF_HEAD = re.compile(rb"\n\r?\n")
_FIRST_LINE = re.compile(rb"WARC/[01]\.[0-9]{1,2}\r?\n")
_NEXT_HEAD = re.compile(rb"\n\r?\nWARC/[01]\.[0-9]{1,2}\r?\n[A-Za-z-]{1,40}:")


class ForeignRecord(NamedTuple):
    """A record: where it stands in its file, its headers, and the block below them.

    It is doubtful if something else than a record follows it: its length may be too small, and only
    a digest proves that its block is whole.
    """

    where: str
    headers: StatusAndHeaders
    block: bytes
    is_doubtful: bool

    def header(self, name: str) -> str:
        """Return the value of a header, or ""; names of headers have no case."""
        value: str | None = self.headers.get_header(name)
        return (value or "").strip()

    def id_header(self, name: str) -> str:
        """Return a URI in a header without the angle brackets that some programs put around it."""
        return self.header(name).removeprefix("<").removesuffix(">").strip()

    @property
    def kind(self) -> str:
        """Return the type of the record: response, resource, revisit, ..."""
        return self.header("WARC-Type").lower()


def foreign_records(path: Path, max_body_bytes: int) -> Iterator[ForeignRecord | RefusedInput]:
    """Yield the records of a file in order, and a `RefusedInput` for each damaged or torn one."""
    for name, stream in _streams(path, max_body_bytes):
        if isinstance(stream, RefusedInput):
            yield stream
            continue
        try:
            yield from _Splitter(stream, name, max_body_bytes).records()
        except READ_ERRORS as error:
            yield RefusedInput(name, short(error))


def _streams(path: Path, max_body_bytes: int) -> Iterator[tuple[str, BinaryIO | RefusedInput]]:
    """Yield uncompressed streams of records, each with a name for messages.

    Usually each record is a gzip member; a file with other members is one stream.
    """
    with path.open("rb") as file:
        is_gzip = file.read(2) == _GZIP_MAGIC
        file.seek(0)
        if not is_gzip:
            yield path.name, file
        elif not _has_a_member_per_record(path):
            yield path.name, cast("BinaryIO", gzip.GzipFile(fileobj=file))
        else:
            for member in members(path, max_body_bytes + MAX_HEAD_BYTES):
                name = f"{path.name}, bytes {member.offset}-{member.end}"
                if member.content is None:
                    yield name, RefusedInput(name, member.problem or "unreadable")
                else:
                    yield name, io.BytesIO(member.content)


def _has_a_member_per_record(path: Path) -> bool:
    """Look at the first members: some tools compress a file as a whole, or in blocks of a size."""
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    with path.open("rb") as file:
        try:
            start = inflate.decompress(file.read(MAX_HEAD_BYTES), MAX_HEAD_BYTES)
            if _NEXT_HEAD.search(start):
                return False
            second = zlib.decompressobj(zlib.MAX_WBITS | 16)
            next_start = second.decompress(inflate.unused_data[:_CHUNK], MAX_HEAD_BYTES)
        except zlib.error:  # a member is damaged; the later ones may be whole
            return True
    return not next_start or next_start.startswith(_VERSION)


class _Splitter:
    """The records of one stream, each with its position in bytes."""

    def __init__(self, stream: BinaryIO, name: str, max_body_bytes: int) -> None:
        self._stream = stream
        self._name = name
        self._max_body_bytes = max_body_bytes
        self._position = 0
        self._unread = b""  # a line that was read too far

    def records(self) -> Iterator[ForeignRecord | RefusedInput]:
        """Yield the records. What stands between two of them and is none is refused.

        Raises:
            ValueError: the stream does not begin with a record.
        """
        while head := self._head():
            start = self._position - len(head)
            if head.startswith(_VERSION):
                yield self._record(head, start)
            elif start == 0:
                raise ValueError(f"no WARC record at byte {start}: {head[:20]!r}")
            else:
                self._skip_to_a_head()
                yield self._refused(
                    start, "no WARC record; the length of the one before may be wrong"
                )

    def _head(self) -> bytes:
        """Skip blank lines and read a record's head, up to its final blank line.

        It is empty at the end of the stream, one line where no record begins, and without the final
        blank line if it is too long.

        Raises:
            ValueError: more blank lines than there are between any records.
        """
        start = self._position
        line = self._line()
        while line in {b"\r\n", b"\n"}:
            if self._position - start > MAX_HEAD_BYTES:
                raise ValueError("nothing but blank lines where a WARC record should be")
            line = self._line()
        head = bytearray(line)
        if not line.startswith(_VERSION):
            return line
        while line not in {b"", b"\r\n", b"\n"} and len(head) < MAX_HEAD_BYTES:
            line = self._line()
            head += line
        return bytes(head)

    def _line(self) -> bytes:
        line, self._unread = self._unread or self._stream.readline(MAX_HEAD_BYTES), b""
        self._position += len(line)
        return line

    def _record(self, head: bytes, start: int) -> ForeignRecord | RefusedInput:
        """Read the block below a head; refuse what is too large, torn, or holds another record."""
        if _END_OF_HEAD.search(head) is None:
            self._skip_to_a_head()
            return self._refused(start, "a record whose head has no end")
        headers = StatusAndHeadersParser([], verify=False).parse(io.BytesIO(head))
        length = headers.get_header("Content-Length") or ""
        if _LENGTH.fullmatch(length.strip()) is None:
            self._skip_to_a_head()
            return self._refused(start, "a record whose head has no length")
        size = int(length)
        max_bytes = self._max_body_bytes + MAX_HEAD_BYTES
        block = self._stream.read(min(size, max_bytes))
        self._position += len(block)
        if size > max_bytes:
            self._skip(size - len(block))
            return self._refused(
                start, f"larger than {self._max_body_bytes:,} bytes, which no page is"
            )
        if len(block) < size:
            return self._refused(start, "the record is cut short: the file ends within it")
        blank_lines = self._skip_blank_lines()
        is_followed = not self._unread or _FIRST_LINE.fullmatch(self._unread) is not None
        ends_here = is_followed or blank_lines >= _BLANK_LINES
        if not ends_here:
            self._skip_to_a_head()
        if not ends_here or _NEXT_HEAD.search(block):
            return self._refused(start, "its length is wrong: it ends within a record")
        return ForeignRecord(self._where(start), headers, block, is_doubtful=not is_followed)

    def _skip_blank_lines(self) -> int:
        """Skip blank lines, and return how many; the line behind them is left to be read."""
        blank_lines = 0
        while (line := self._line()) in {b"\r\n", b"\n"} and blank_lines < MAX_HEAD_BYTES:
            blank_lines += 1
        self._unread = line
        self._position -= len(line)
        return blank_lines

    def _where(self, start: int) -> str:
        return f"{self._name}, bytes {start}-{self._position}"

    def _refused(self, start: int, reason: str) -> RefusedInput:
        return RefusedInput(self._where(start), reason)

    def _skip_to_a_head(self) -> None:
        """Skip lines up to one that begins a record, which is left to be read."""
        while line := self._line():
            if _FIRST_LINE.fullmatch(line):
                self._unread = line
                self._position -= len(line)
                return

    def _skip(self, count: int) -> None:
        while count and (chunk := self._stream.read(min(_CHUNK, count))):
            count -= len(chunk)
            self._position += len(chunk)

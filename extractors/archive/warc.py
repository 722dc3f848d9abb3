"""Single WARC records: made with warcio, and found again in a file that may be torn or damaged.

An archive file is a row of gzip members, one record each. Reading walks the members itself, because
what a kill or a bad disk leaves must be told apart: a torn tail, a damaged member, a whole record.
"""

import mmap
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

Headers = Sequence[tuple[str, str]]

# Header of a record that holds an answer which is no capture; its value says why it is none.
NOT_A_CAPTURE = "MPTF-Not-A-Capture"
_CHUNK = 1 << 16
_DATE_TAIL = "0000-01-01"  # WARC 1.1 allows a year, or a year and month, alone
_DAY = len(_DATE_TAIL)
_GZIP_MAGIC = b"\x1f\x8b\x08"
STATUS = re.compile(r"[1-5][0-9]{2}")  # of HTTP
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_OF_CODING = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_SECRET = frozenset({"set-cookie", "set-cookie2"})
HEADS_ROOM = 1 << 17  # bytes of a record beside its payload
_ANSWER_HEAD_ROOM = 1 << 15  # bytes of an answer's headers that are kept
_SMALL, _SMALL_TABLES = 4096, 4  # bytes of a record, and zlib's memLevel up to there
_PACKED = 4  # zlib's level: 2% larger than at warcio's 9, in two thirds of the time
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class Member(NamedTuple):
    """One gzip member: where it stands in its file, in bytes; its content, None if unreadable."""

    offset: int
    end: int
    content: bytes | None
    problem: str | None

    @property
    def torn(self) -> bool:
        """Whether the file ends in the middle of this member."""
        return self.problem == "torn"


def warc_date(time: datetime) -> str:
    """A time (naive UTC, whole seconds) as WARC headers have it."""
    return f"{time.isoformat(timespec='seconds')}Z"


def parse_time(text: str) -> datetime:
    """The time in a WARC header (ISO 8601), in naive UTC, cut to whole seconds.

    Raises:
        ValueError: the header holds no such time.
    """
    padded = text.strip() + _DATE_TAIL[len(text.strip()) :] if len(text.strip()) < _DAY else text
    time = datetime.fromisoformat(padded.strip())
    if time.tzinfo is not None:
        try:
            time = time.astimezone(UTC).replace(tzinfo=None)
        except OverflowError as error:
            raise ValueError("out of the calendar's range") from error
    return time.replace(microsecond=0)


def make_record(
    url: str,
    headers: dict[str, str],
    payload: bytes,
    status: int | None = None,
    http_headers: Headers = (),
) -> bytes:
    """A `response` where there was an answer over HTTP, a `resource` where there was none.

    The record is a gzip member of its own, ready to be appended; `payload` is the body, decoded.
    """
    head = None if status is None else _http_head(status, http_headers, len(payload))
    return _written(
        lambda writer: writer.create_warc_record(
            url,
            "resource" if head is None else "response",
            payload=BytesIO(payload),
            length=len(payload),
            warc_content_type="application/octet-stream" if head is None else "",
            warc_headers_dict=headers,
            http_headers=head,
        )
    )


def make_revisit(
    url: str, headers: dict[str, str], status: int | None = None, http_headers: Headers = ()
) -> bytes:
    """A record of bytes that another record holds, which `headers` name by digest and place."""
    fields = dict(headers)
    return _written(
        lambda writer: writer.create_revisit_record(
            url,
            digest=fields.pop("WARC-Payload-Digest"),
            refers_to_uri=fields.pop("WARC-Refers-To-Target-URI"),
            refers_to_date=fields.pop("WARC-Refers-To-Date"),
            http_headers=None if status is None else _http_head(status, http_headers, None),
            warc_headers_dict=fields,
        )
    )


def _written(make: Callable[[WARCWriter], ArcWarcRecord]) -> bytes:
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=False, warc_version="1.1")
    writer.write_record(make(writer))
    record = buffer.getbuffer()
    # Zlib clears its tables first: small ones are as good for a record without a body.
    tables = zlib.DEF_MEM_LEVEL if len(record) > _SMALL else _SMALL_TABLES
    packer = zlib.compressobj(_PACKED, zlib.DEFLATED, zlib.MAX_WBITS | 16, tables)
    return packer.compress(record) + packer.flush()


def _http_head(status: int, headers: Headers, length: int | None) -> StatusAndHeaders:
    """The head of an answer, as far as it can stand in a record.

    What told how the body was coded is kept under another name, since the body is kept decoded. A
    cookie is a secret, and is not kept.
    """
    kept: list[tuple[str, str]] = []
    room = _ANSWER_HEAD_ROOM
    for name, value in headers:
        lower = name.lower()
        if lower in _SECRET or not _TOKEN.fullmatch(name) or not value.isprintable():
            continue
        room -= len(name) + len(value.encode()) + 4
        if room < 0:
            break
        kept.append((f"X-Archive-Orig-{name}" if lower in _OF_CODING else name, value))
    if length is not None:
        kept.append(("Content-Length", str(length)))
    return StatusAndHeaders(f"{status} {_PHRASES.get(status, '')}".strip(), kept, "HTTP/1.1")


def make_warcinfo(filename: str, time: datetime, fields: dict[str, str]) -> bytes:
    """The record that opens a file and says who wrote it."""
    body = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
    headers = {"WARC-Filename": filename, "WARC-Date": warc_date(time)}
    return _written(
        lambda writer: writer.create_warc_record(
            "",
            "warcinfo",
            payload=BytesIO(body),
            length=len(body),
            warc_content_type="application/warc-fields",
            warc_headers_dict=headers,
        )
    )


def parse_record(content: bytes) -> tuple[ArcWarcRecord, bytes]:
    """A member's record and its payload.

    Raises:
        ValueError: the content is no WARC record.
    """
    record = next(iter(ArchiveIterator(BytesIO(content))), None)
    if record is None:
        raise ValueError("no WARC record")
    return record, record.content_stream().read()


def members(path: Path, max_content: int, start: int = 0) -> Iterator[Member]:
    """The gzip members of a file from byte `start` on.

    A damaged member is named and passed over: reading goes on at the next one that opens with a
    WARC record. One of more than `max_content` decoded bytes counts as damaged. A member that the
    file's end cuts off, with nothing whole behind it, is torn.
    """
    if path.stat().st_size <= start:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        offset = start
        while offset < len(data):
            try:
                content, end = _inflate(data, offset, max_content)
            except zlib.error as error:
                end = _next_record(data, offset + 1)
                yield Member(offset, end, None, f"damaged: {error}")
            except EOFError:
                end = _next_record(data, offset + 1)
                yield Member(offset, end, None, "torn" if end == len(data) else "damaged: cut off")
            else:
                yield Member(offset, end, content, None)
            offset = end


def member_at(path: Path, offset: int, max_content: int) -> bytes:
    """The content of the member at byte `offset`.

    Raises:
        ValueError: no whole member stands there.
    """
    found = next(members(path, max_content, offset), None)
    if found is None or found.content is None:
        raise ValueError(f"{path.name} at byte {offset}: {found.problem if found else 'nothing'}")
    return found.content


def _inflate(data: mmap.mmap, offset: int, max_content: int) -> tuple[bytes, int]:
    """One member's content and where it ends; EOFError where the file ends first."""
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    parts: list[bytes] = []
    left = max_content
    at = offset
    while not inflate.eof:
        chunk = inflate.unconsumed_tail or data[at : at + _CHUNK]
        if not chunk:
            raise EOFError
        at += 0 if inflate.unconsumed_tail else len(chunk)
        parts.append(inflate.decompress(chunk, left))
        left -= len(parts[-1])
        if left <= 0:
            raise zlib.error(f"decodes to more than {max_content} bytes")
    return b"".join(parts), at - len(inflate.unused_data)


def _next_record(data: mmap.mmap, start: int) -> int:
    """Where the next member that opens with a WARC record begins; the file's end if none does."""
    at = data.find(_GZIP_MAGIC, start)
    while at != -1:
        try:
            opening = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data[at : at + 512], 5)
        except zlib.error:
            opening = b""
        if opening == b"WARC/":
            return at
        at = data.find(_GZIP_MAGIC, at + 1)
    return len(data)

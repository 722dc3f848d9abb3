"""Single WARC records: made with warcio, and read from files that may be torn or damaged.

An archive file is a sequence of gzip members, one record each. This module walks the members
itself, because it must distinguish what a kill or a bad disk leaves: a torn tail, a damaged member,
a whole record.
"""

import mmap
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from extractors.encodings import start_of_gzip
from extractors.times import iso_time

Headers = Sequence[tuple[str, str]]

# Header of a record with a response that is not a capture; its value is the reason.
NOT_A_CAPTURE = "MPTF-Not-A-Capture"
_CHUNK = 1 << 16
_DATE_TEMPLATE = "0000-01-01"  # completes a year or a month, which WARC 1.1 allows alone
_GZIP_MAGIC = b"\x1f\x8b\x08"
HTTP_STATUS = re.compile(r"[1-5][0-9]{2}")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_ENCODING_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_SECRET_HEADERS = frozenset({"set-cookie", "set-cookie2"})
MAX_HEAD_BYTES = 1 << 17  # of a record, beside its payload
_MAX_HTTP_HEAD_BYTES = 1 << 15  # of a response's headers, in the archive
_SMALL_BYTES, _SMALL_MEM_LEVEL = 4096, 4  # zlib's memLevel for records up to this size
_COMPRESSION_LEVEL = 4  # 2% larger than warcio's 9, in two thirds of the time
ERASED = b"erased: at a person's request\r\n"
_EMPTY_BLOCK, _LAST_BLOCK = b"\0\0\0\xff\xff", b"\x01\0\0\xff\xff"  # deflate, stored
_GZIP_BYTES = 18  # head and tail of a member
_VALIDATORS = frozenset({"etag", "last-modified"})
_HTTP_URLS = ("http:", "https:")
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class Member(NamedTuple):
    """A gzip member: its start and end in the file, in bytes; its content, None if unreadable."""

    offset: int
    end: int
    content: bytes | None
    problem: str | None

    @property
    def torn(self) -> bool:
        """Return whether the file ends inside this member."""
        return self.problem == "torn"


def warc_date(time: datetime) -> str:
    """Format a time (naive UTC, whole seconds) as in WARC headers."""
    return f"{time.isoformat(timespec='seconds')}Z"


def place_name(url: str, time: datetime) -> str:
    """Return the name of a capture by its URL, whose scheme does not count, and its time."""
    return f"{warc_date(time)}/{url.partition('://')[2] or url}"


def parse_time(text: str) -> datetime:
    """Parse a record's time: ISO 8601, or a year or month alone, which means its first second.

    Raises:
        ValueError: the text is not such a time.
    """
    stripped = text.strip()
    return iso_time(stripped + _DATE_TEMPLATE[len(stripped) :])


def make_record(
    url: str,
    headers: dict[str, str],
    payload: bytes,
    status: int | None = None,
    http_headers: Headers = (),
) -> bytes:
    """Return a `response` record, or a `resource` record without a status or for no HTTP URL.

    The record is a gzip member, ready to be appended; `payload` is the decoded body.
    """
    head = _http_head(url, status, http_headers, len(payload))
    return _serialize(
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
    """Return a record that refers to another's body, by the digest, URL and date in `headers`."""
    fields = dict(headers)
    return _serialize(
        lambda writer: writer.create_revisit_record(
            url,
            digest=fields.pop("WARC-Payload-Digest"),
            refers_to_uri=fields.pop("WARC-Refers-To-Target-URI"),
            refers_to_date=fields.pop("WARC-Refers-To-Date"),
            http_headers=_http_head(url, status, http_headers, None),
            warc_headers_dict=fields,
        )
    )


def make_erased(length: int, time: datetime) -> bytes:
    """Return a record of exactly `length` bytes, to stand where another was erased.

    Empty deflate blocks, which every decoder passes over, make up the length.

    Raises:
        ValueError: the length is less than that of any record.
    """
    headers = {"WARC-Date": warc_date(time)}
    record = _uncompressed(
        lambda writer: writer.create_warc_record(
            "", "metadata", payload=BytesIO(ERASED), length=len(ERASED),
            warc_content_type="application/warc-fields", warc_headers_dict=headers,
        )
    )  # fmt: skip
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    blocks = compressor.compress(record) + compressor.flush(zlib.Z_FULL_FLUSH)
    blanks, rest = divmod(length - _GZIP_BYTES - len(blocks) - len(_LAST_BLOCK), len(_EMPTY_BLOCK))
    if blanks < 0:
        raise ValueError(f"no record is as short as {length} bytes")
    comment = b" " * (rest - 1) + b"\0" if rest else b""
    head = _GZIP_MAGIC + (b"\x10" if rest else b"\0") + b"\0\0\0\0\0\xff" + comment
    tail = struct.pack("<II", zlib.crc32(record), len(record))
    return head + blocks + blanks * _EMPTY_BLOCK + _LAST_BLOCK + tail


def _serialize(make: Callable[[WARCWriter], ArcWarcRecord]) -> bytes:
    record = _uncompressed(make)
    # zlib clears its tables first; small ones suffice for a record without a body.
    mem_level = zlib.DEF_MEM_LEVEL if len(record) > _SMALL_BYTES else _SMALL_MEM_LEVEL
    compressor = zlib.compressobj(_COMPRESSION_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16, mem_level)
    return compressor.compress(record) + compressor.flush()


def _uncompressed(make: Callable[[WARCWriter], ArcWarcRecord]) -> memoryview:
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=False, warc_version="1.1")
    writer.write_record(make(writer))
    return buffer.getbuffer()


def _http_head(
    url: str, status: int | None, headers: Headers, length: int | None
) -> StatusAndHeaders | None:
    """Return a response's head as it is archived; None if it has none."""
    archived = archived_headers(url, status, headers)
    if status is None or archived is None:
        return None
    if length is not None:
        archived.append(("Content-Length", str(length)))
    return StatusAndHeaders(f"{status} {_PHRASES.get(status, '')}".strip(), archived, "HTTP/1.1")


def archived_headers(
    url: str, status: int | None, headers: Headers
) -> list[tuple[str, str]] | None:
    """Return the headers of a response that are archived; None if it is archived without a head.

    WARC readers take a head for a part of the body below a URL that is not of HTTP. The body is
    archived decoded, so headers about its encoding get another name. Cookies are secrets and are
    left out.
    """
    if status is None or not url.startswith(_HTTP_URLS):
        return None
    archived: list[tuple[str, str]] = []
    bytes_left = _MAX_HTTP_HEAD_BYTES
    for name, value in headers:
        lower = name.lower()
        if lower in _SECRET_HEADERS or not _TOKEN.fullmatch(name) or not value.isprintable():
            continue
        if lower in _VALIDATORS and not value.isascii():  # warcio would write another value
            continue
        bytes_left -= len(name) + len(value.encode()) + 4
        if bytes_left < 0:
            break
        archived.append((f"X-Archive-Orig-{name}" if lower in _ENCODING_HEADERS else name, value))
    return archived


def make_warcinfo(filename: str, time: datetime, fields: dict[str, str]) -> bytes:
    """Return the first record of a file, which names the software that wrote it."""
    headers = {"WARC-Filename": filename, "WARC-Date": warc_date(time)}
    return make_fields("warcinfo", headers, fields.items())


def make_fields(kind: str, headers: dict[str, str], fields: Iterable[tuple[str, str]]) -> bytes:
    """Return a record of named fields, a `warcinfo` or `metadata`; a name may occur again."""
    body = "".join(f"{name}: {value}\r\n" for name, value in fields).encode()
    return _serialize(
        lambda writer: writer.create_warc_record(
            "",
            kind,
            payload=BytesIO(body),
            length=len(body),
            warc_content_type="application/warc-fields",
            warc_headers_dict=headers,
        )
    )


def parse_record(content: bytes) -> tuple[ArcWarcRecord, bytes]:
    """Parse a member's content into its record and payload.

    Raises:
        ValueError: the content is not a WARC record.
    """
    try:
        record = next(iter(ArchiveIterator(BytesIO(content))), None)
    except ArchiveLoadFailed as error:  # not a ValueError, as warcio's other errors are
        raise ValueError(str(error)) from error
    if record is None:
        raise ValueError("no WARC record")
    return record, record.content_stream().read()


def members(path: Path, max_content: int, start: int = 0) -> Iterator[Member]:
    """Yield the gzip members of a file from byte `start` on.

    A damaged member is yielded without content; reading continues at the next member that starts
    with a WARC record. A member of more than `max_content` decoded bytes counts as damaged. One
    that the end of the file cuts off is torn.
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
    """Return the content of the member at byte `offset`.

    Raises:
        ValueError: no whole member begins there.
    """
    member = next(members(path, max_content, offset), None)
    if member is None or member.content is None:
        problem = member.problem if member else "the file ends here"
        raise ValueError(f"{path.name} at byte {offset}: {problem}")
    return member.content


def _inflate(data: mmap.mmap, offset: int, max_content: int) -> tuple[bytes, int]:
    """Return one member's content and end; raise EOFError if the file ends first."""
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    parts: list[bytes] = []
    bytes_left = max_content
    position = offset
    while not inflate.eof:
        chunk = inflate.unconsumed_tail or data[position : position + _CHUNK]
        if not chunk:
            raise EOFError
        position += 0 if inflate.unconsumed_tail else len(chunk)
        parts.append(inflate.decompress(chunk, bytes_left))
        bytes_left -= len(parts[-1])
        if bytes_left <= 0:
            raise zlib.error(f"decodes to more than {max_content} bytes")
    return b"".join(parts), position - len(inflate.unused_data)


def _next_record(data: mmap.mmap, start: int) -> int:
    """Return the start of the next member with a WARC record, or the end of the file."""
    position = data.find(_GZIP_MAGIC, start)
    while position != -1:
        if start_of_gzip(data[position : position + 512], 5) == b"WARC/":
            return position
        position = data.find(_GZIP_MAGIC, position + 1)
    return len(data)

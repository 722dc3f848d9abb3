"""Content encodings of HTTP bodies, decoded within a limit.

Bodies come as sites sent them and as crawlers left them: gzip of several members, deflate with and
without zlib's wrapper, Brotli, Zstandard, and bodies that were decoded already and still carry the
label. A stream that breaks off is told from a whole one; one whose sums do not match is an error.
"""

import sys
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable
from typing import NamedTuple, Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = [
    "Decoded", "EncodingError", "Members", "decode_content", "gzip_members", "start_of_gzip", "zstd"
]  # fmt: skip

_PLAIN = frozenset({"", "identity", "none"})
_GZIP = frozenset({"gzip", "x-gzip"})
_GZIP_MAGIC, _ZSTD_MAGIC = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_DEFLATE, _CHECK = 8, 31  # zlib's header: the method in the low half of a byte; divides both bytes
_PADDING = b"\x00\t\n\r "  # behind the last member
_STEP = 1 << 16  # bytes decoded in one call
_MOST_MEMBERS = 10_000  # each costs a copy of what is left of its step
_OPTIONS = {int(zstd.DecompressionParameter.window_log_max): 23}  # 8 MiB, as RFC 9659 says
_TESTED_BYTES = 64
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r"))


class EncodingError(ValueError):
    """A body that cannot be decoded; the message says why."""


class Decoded(NamedTuple):
    """A decoded body, and whether its encoded stream breaks off before its end."""

    body: bytes
    breaks_off: bool = False


class _Member(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Members:
    """A decoder of a stream of one or more members, fed in pieces of any size.

    `magic` is what each member begins with; without it there is one member.
    """

    def __init__(self, start: Callable[[], _Member], name: str, magic: bytes = b"") -> None:
        self._start = start
        self._name = name
        self._magic = magic
        self._member = start()
        self._count = 1
        self._fed = False

    @property
    def breaks_off(self) -> bool:
        """Return whether something was fed, and ends within a member."""
        return self._fed and not self._member.eof

    def decode(self, data: bytes, most: int) -> bytes:
        """Return what follows in the decoded body, at most so many bytes of it.

        Raises:
            EncodingError: the data are damaged, or something else follows the last member.
        """
        self._fed = self._fed or bool(data)
        decoded = bytearray()
        while data and len(decoded) < most:
            if self._member.eof:
                data = data.lstrip(_PADDING)
                if not data:
                    break
                self._next_member(data)
            try:
                decoded += self._member.decompress(data, most - len(decoded))
            except (zlib.error, zstd.ZstdError) as error:
                raise EncodingError(f"labelled {self._name}, but it is not: {error}") from error
            data = self._member.unused_data if self._member.eof else b""
        return bytes(decoded)

    def _next_member(self, data: bytes) -> None:
        begins = data[: len(self._magic)]
        if not begins or begins != self._magic[: len(begins)]:
            raise EncodingError(f"data after the end of its {self._name} stream")
        self._count += 1
        if self._count > _MOST_MEMBERS:
            raise EncodingError(f"more than {_MOST_MEMBERS:,} {self._name} members")
        self._member = self._start()


def gzip_members() -> Members:
    """Return a decoder of gzip, as `Content-Encoding: gzip` has it."""
    return Members(lambda: zlib.decompressobj(zlib.MAX_WBITS | 16), "gzip", _GZIP_MAGIC)


def start_of_gzip(data: bytes, most: int) -> bytes:
    """Return the first bytes of a gzip member's content; nothing if it is damaged."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, most)
    except zlib.error:
        return b""


def decode_content(body: bytes, encoding: str, limit: int) -> Decoded:
    """Return a body decoded, or as it is where it is not in the encoding of its label.

    Args:
        body: the body as sent.
        encoding: the value of Content-Encoding; "" if there is none. A gzip body needs no label.
        limit: most bytes of the decoded body that are returned, and one more if there are more.

    Raises:
        EncodingError: the encoding is unknown, or the stream is damaged.
    """
    name = encoding.strip().lower()
    if name in _PLAIN or name in _GZIP:
        if not body.startswith(_GZIP_MAGIC):
            return Decoded(body[: limit + 1])
        return _decoded(body, gzip_members(), limit)
    if name == "zstd":
        if not body.startswith(_ZSTD_MAGIC):
            return Decoded(body[: limit + 1])
        return _decoded(body, Members(_new_zstd, name, _ZSTD_MAGIC), limit)
    if name not in {"deflate", "br"}:
        raise EncodingError(f"unsupported content encoding: {encoding[:80]!r}")
    if not body or _is_text(body):
        return Decoded(body[: limit + 1])
    return _brotli(body, limit) if name == "br" else _decoded(body, _deflate(body), limit)


def _decoded(body: bytes, members: Members, limit: int) -> Decoded:
    decoded = bytearray()
    for at in range(0, len(body), _STEP):
        decoded += members.decode(body[at : at + _STEP], limit + 1 - len(decoded))
        if len(decoded) > limit:
            break
    return Decoded(bytes(decoded), members.breaks_off)


def _new_zstd() -> zstd.ZstdDecompressor:
    return zstd.ZstdDecompressor(options=_OPTIONS)


def _deflate(body: bytes) -> Members:
    """Return a decoder of deflate, which some servers send without zlib's wrapper."""
    is_wrapped = body[0] % 16 == _DEFLATE and int.from_bytes(body[:2], "big") % _CHECK == 0
    window = zlib.MAX_WBITS if is_wrapped else -zlib.MAX_WBITS
    return Members(lambda: zlib.decompressobj(window), "deflate")


def _brotli(body: bytes, limit: int) -> Decoded:
    member = brotli.Decompressor()
    try:
        decoded = bytearray(member.process(body, output_buffer_limit=limit + 1))
        while len(decoded) <= limit and not member.can_accept_more_data():
            decoded += member.process(b"", output_buffer_limit=limit + 1 - len(decoded))
    except brotli.error as error:
        raise EncodingError(f"labelled br, but it is not: {error}") from error
    return Decoded(bytes(decoded[: limit + 1]), not member.is_finished())


def _is_text(body: bytes) -> bool:
    """Return whether a body begins as text does, and no compressed stream."""
    beginning = body[:_TESTED_BYTES].removeprefix(BOM_UTF8)
    return beginning.isascii() and beginning == beginning.translate(None, _CONTROLS)

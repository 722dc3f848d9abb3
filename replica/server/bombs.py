"""Small bodies that expand to gigabytes, made in milliseconds and in little memory."""

import zlib
from functools import cache
from struct import pack

_BLANKS = b" " * (1 << 20)
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_GZIP = 31  # zlib's wbits for a gzip stream
_RAW = -15  # and for deflate without a wrapper


@cache
def bomb() -> bytes:
    """One gzip stream of 1 MB that expands to 1 GiB of blanks."""
    return _blanks(1 << 10)


@cache
def stacked_bomb() -> bytes:
    """A gzip stream of some KB, in it another of 4 MB, in that 4 GiB of blanks."""
    return zlib.compress(_blanks(1 << 12), 9, wbits=_GZIP)


def _blanks(mebibytes: int) -> bytes:
    """A valid gzip stream of so many MiB of blanks: one deflated MiB, again and again."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, _RAW)
    # After a full flush nothing refers back, so what stands before it can be repeated.
    piece = deflate.compress(_BLANKS) + deflate.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(9, zlib.DEFLATED, _RAW).flush()
    size = mebibytes * len(_BLANKS) % 2**32
    return _GZIP_HEADER + piece * mebibytes + end + pack("<II", _crc(mebibytes), size)


def _crc(mebibytes: int) -> int:
    """The CRC-32 of so many MiB of blanks.

    What a MiB makes of a CRC is affine over GF(2), so 33 of them tell what any number makes of it.
    """
    offset = zlib.crc32(_BLANKS)
    columns = [zlib.crc32(_BLANKS, 1 << bit) ^ offset for bit in range(32)]
    crc = 0
    for _ in range(mebibytes):
        before, crc = crc, offset
        for bit, column in enumerate(columns):
            if before >> bit & 1:
                crc ^= column
    return crc

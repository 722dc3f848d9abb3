"""Compressed files to plain ones, within limits: gzip and Zstandard."""

import gzip
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from extractors.archive.inputs import InputRefusedError
from extractors.archive.kinds import Kind
from extractors.encodings import zstd

_CHUNK = 1 << 16
_FEWEST_ALLOWED, _ALLOWED_RATIO = 1 << 30, 100
# A .warc.zst may begin with the dictionary that its frames need, in a frame of this kind.
_DICTIONARY_FRAME = 0x184D2A5D
_LARGEST_DICTIONARY = 1 << 24


class Allowance:
    """How many bytes may still be unpacked of a file, with all that is packed within it.

    A page packs to a tenth of its size or so. A bomb of a kilobyte unpacks to gigabytes.
    """

    def __init__(self, packed_bytes: int) -> None:
        self._total = self._left = _FEWEST_ALLOWED + _ALLOWED_RATIO * packed_bytes

    def take(self, count: int) -> None:
        """Take some bytes.

        Raises:
            InputRefusedError: there are not so many left.
        """
        self._left -= count
        if self._left < 0:
            raise InputRefusedError(f"unpacks to more than {self._total:,} bytes")


def unpack(path: Path, kind: Kind, target: Path, allowance: Allowance) -> str:
    """Write the content of a compressed file to `target`.

    Return why the file ends before its content does, or "". What stands before that is written.

    Raises:
        InputRefusedError: it is damaged, so that no byte of it can be trusted, or unpacks to more
            than is allowed.
    """
    with path.open("rb") as packed, target.open("wb") as plain:
        try:
            stream = _zstd_stream(packed) if kind is Kind.ZSTD else gzip.GzipFile(fileobj=packed)
            copy(stream.read1, plain, allowance)
        except EOFError as error:
            return str(error)
        except (gzip.BadGzipFile, zlib.error, zstd.ZstdError) as error:
            raise InputRefusedError(f"damaged: {error}") from error
    return ""


def copy(read: Callable[[int], bytes], target: BinaryIO, allowance: Allowance) -> None:
    """Copy what a function reads, up to the end or to what is allowed.

    Raises:
        InputRefusedError: it is more than is allowed.
    """
    while chunk := read(_CHUNK):
        allowance.take(len(chunk))
        target.write(chunk)


def _zstd_stream(file: BinaryIO) -> "zstd.ZstdFile":
    dictionary = _dictionary(file.read(8), file)
    file.seek(0)
    return zstd.ZstdFile(file, zstd_dict=dictionary)


def _dictionary(frame_head: bytes, file: BinaryIO) -> "zstd.ZstdDict | None":
    """Return the dictionary in a file's first frame, which may be compressed itself."""
    try:
        magic, size = struct.unpack("<II", frame_head)
    except struct.error:  # shorter than a frame's head
        return None
    if magic != _DICTIONARY_FRAME:
        return None
    content = file.read(min(size, _LARGEST_DICTIONARY))
    if content.startswith(b"\x28\xb5\x2f\xfd"):
        with zstd.ZstdFile(io.BytesIO(content)) as stream:
            content = stream.read(_LARGEST_DICTIONARY)
    try:
        return zstd.ZstdDict(content)
    except ValueError as error:
        raise InputRefusedError(f"its Zstandard dictionary is invalid: {error}") from error

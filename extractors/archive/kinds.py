"""What a file is, known by its content: a page, an archive of pages, or neither.

A name is looked at only where the content cannot tell: in a damaged archive, a style sheet, a
script.
"""

import re
import zipfile
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple

from extractors.archive.inputs import READ_ERRORS
from extractors.encodings import start_of_gzip

_HEAD_BYTES = 1 << 16
_INFLATED_BYTES = 512
_MIMETYPE_BYTES = 100
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
_TAR_PLACE = 257
_XML_HEAD = 1000  # bytes in which a picture declares itself


class Kind(Enum):
    """How a file is read, or why it is not."""

    PAGE = auto()
    WARC = auto()  # plain or in gzip members
    ARC = auto()
    GZIP = auto()
    ZSTD = auto()
    ZIP = auto()
    PART = auto()  # a picture, font, style sheet or script of a page, or an index of an archive
    OTHER = auto()  # what a person must convert first


class Content(NamedTuple):
    """A kind, and in words what the file is if it is neither a page nor an archive of pages."""

    kind: Kind
    what: str = ""


_PARTS = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x00\x00\x01\x00": "an icon",
    b"\x00\x01\x00\x00": "a font",
    b"wOF": "a font",
    b"OTTO": "a font",
    b" CDX ": "an index of an archive",
}
_WEBP = re.compile(rb"RIFF.{4}WEBP", re.DOTALL)
_PART_NAME = re.compile(
    r"\.(?:css|m?js|map|svg|ico|woff2?|ttf|otf|eot|png|jpe?g|gif|webp|bmp|mp[34]|swf|cdxj?|idx|jsonl"
    r"|log)(?:\.(?:download|gz))?(?:[?@].*)?$|(?:^|/)(?:(?:robots|hts-log|cookies)\.txt|"
    r"thumbs\.db|desktop\.ini)$",
    re.IGNORECASE,
)
_OTHERS = {
    b"%PDF": "a PDF document: save the page as HTML instead",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive: unpack it first",
    b"Rar!\x1a\x07": "a RAR archive: unpack it first",
    b"\xfd7zXZ\x00": "an xz file: unpack it first",
    b"BZh": "a bzip2 file: unpack it first",
    b"bplist00": "a web archive of Safari: save the page as HTML instead",
    b"{\\rtf": "an RTF document: save the page as HTML instead",
}
_TAR = "a tar archive: unpack it first"
_OPEN_DOCUMENT = "an OpenDocument file: save it as .xlsx or CSV instead"
_OF_SUFFIX = {
    ".warc": Kind.WARC, ".warc.gz": Kind.WARC, ".arc": Kind.ARC, ".arc.gz": Kind.GZIP,
    ".zip": Kind.ZIP, ".wacz": Kind.ZIP, ".zst": Kind.ZSTD,
}  # fmt: skip
_WORKBOOK = re.compile(r"(?:^|[/\\])(?:workbook\.(?:xml|bin)|\[content_types\]\.xml)$", re.I)


def content_of(path: Path, name: str) -> Content:
    """Return what a file is; `name` is the one that it was found under.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        content = content_of_head(file.read(_HEAD_BYTES), name)
    return _content_of_zip(path) or content if content.kind is Kind.ZIP else content


def content_of_head(head: bytes, name: str) -> Content:
    """Return what a file is that begins with these bytes, which need not be all of it."""
    for magics, kind in ((_PARTS, Kind.PART), (_OTHERS, Kind.OTHER)):
        for magic, what in magics.items():
            if head.startswith(magic):
                return Content(kind, what)
    if _WEBP.match(head):
        return Content(Kind.PART, "a WebP picture")
    if head[_TAR_PLACE : _TAR_PLACE + 5] == b"ustar":
        return Content(Kind.OTHER, _TAR)
    if (archive := _archive_kind(head)) is not None:
        return Content(archive)
    if head.startswith(_GZIP):  # damaged at its start
        return Content(Kind.WARC if ".warc" in name.lower() else Kind.GZIP)
    if head.lstrip().startswith(b"<"):
        is_picture = b"<svg" in head[:_XML_HEAD] and b"<html" not in head[:_XML_HEAD].lower()
        return Content(Kind.PART, "an SVG picture") if is_picture else Content(Kind.PAGE)
    suffix = next((end for end in _OF_SUFFIX if name.lower().endswith(end)), None)
    if suffix is not None:
        return Content(_OF_SUFFIX[suffix])
    if _PART_NAME.search(name):
        return Content(Kind.PART, "a part of a page, not a page")
    return Content(Kind.PAGE)


def _archive_kind(head: bytes) -> Kind | None:
    """Return the kind of an archive; None for a gzip file that is damaged at its start, too."""
    if head.startswith(_GZIP):
        inflated = start_of_gzip(head, _INFLATED_BYTES)
        return Kind.WARC if inflated.startswith(b"WARC/") else Kind.GZIP if inflated else None
    if head.startswith(_ZSTD) or _ZSTD_SKIPPABLE.match(head):
        return Kind.ZSTD
    if head.startswith(_ZIPS):
        return Kind.ZIP
    if head.lstrip(b"\r\n").startswith(b"WARC/"):
        return Kind.WARC
    return Kind.ARC if head.startswith(b"filedesc:") else None


def _content_of_zip(path: Path) -> Content | None:
    """Return what a zip is that is no folder of pages: a workbook, which is a page, or another."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            kind = b""
            if "mimetype" in names:
                with archive.open("mimetype") as file:
                    kind = file.read(_MIMETYPE_BYTES)
    except READ_ERRORS:  # a damaged zip: who reads it says so
        return None
    if kind.startswith(b"application/vnd.oasis.opendocument"):
        return Content(Kind.OTHER, _OPEN_DOCUMENT)
    return Content(Kind.PAGE) if any(map(_WORKBOOK.search, names)) else None

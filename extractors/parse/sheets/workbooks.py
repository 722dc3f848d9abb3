"""Workbooks (.xlsx) to sheets, in every dress that Excel opens.

Strict and transitional files, any names and places of their parts, no styles, no cell references:
parts are found by their relationships, elements by their local names. Neither openpyxl nor calamine
opens all of these; the one fails on strict files and odd names, the other tells no formula, hidden
row or number format. A workbook may be hostile: its unpacked size is counted before anything is
parsed, and entities are refused.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

from extractors.page_kinds import PageRefusedError
from extractors.parse.sheets.bounds import MOST_SHEETS, damaged, too_large
from extractors.parse.sheets.sheet_styles import Styles, read_strings, read_styles
from extractors.parse.sheets.sheet_xml import read_sheet
from extractors.parse.sheets.spreadsheets import Sheet, Spreadsheet, shown_sheets
from extractors.parse.sheets.xml_parts import attribute, children, local, parse_xml

ZIP = b"PK\x03\x04"
_MOST_UNPACKED = 32 * 2**20  # bytes, of all members together
_MOST_MEMBERS = 200
_UNREADABLE = {
    b"xl/workbook.bin": "a binary workbook (.xlsb)",
    b"application/vnd.oasis.opendocument.spreadsheet": "an OpenDocument spreadsheet (.ods)",
}
_OLE = b"\xd0\xcf\x11\xe0"
_BEFORE_OLE = re.compile(rb"\x09[\x00\x02\x04\x08][\x04-\x10]\x00")
_OLE_STREAMS = {
    "EncryptedPackage": "a workbook with a password",
    "Workbook": "a workbook of Excel 97 to 2003 (.xls)",
    "Book": "a workbook of Excel 5 (.xls)",
}
_MAIN_PART = re.compile(rb"workbook\d*\.xml")
_HIDDEN = frozenset({"hidden", "veryHidden"})
_TRUE = frozenset({"1", "true", "on"})


class _Relationship(NamedTuple):
    kind: str  # the last part of its type: `worksheet`
    part: str


def is_workbook(body: bytes) -> bool:
    """Return whether the bytes are a zip file that names a workbook; it may be damaged."""
    return body.startswith(ZIP) and (
        _MAIN_PART.search(body) is not None or b"[Content_Types].xml" in body
    )


def refuse_other_workbooks(body: bytes) -> None:
    """Refuse workbooks whose hidden rows, formulas or number formats cannot be known.

    Raises:
        PageRefusedError: the bytes are a workbook, but no .xlsx file.
    """
    kind = None
    if body.startswith(ZIP):
        kind = next((name for mark, name in _UNREADABLE.items() if mark in body), None)
    elif body.startswith(_OLE):
        kind = next(
            (name for stream, name in _OLE_STREAMS.items() if stream.encode("utf-16-le") in body),
            None,
        )
    elif _BEFORE_OLE.match(body):
        kind = "a workbook of Excel 2 to 5 (.xls)"
    if kind is not None:
        raise PageRefusedError(
            "spreadsheet_kind",
            f"this is {kind}, which does not tell what Excel shows; save it as .xlsx",
        )


def parse_workbook(body: bytes) -> Spreadsheet:
    """Return a table for every sheet that shows something, and findings about what is hidden.

    Raises:
        PageRefusedError: the workbook is damaged, or larger than any view of the site.
    """
    parts = _unpacked(body)
    try:
        return shown_sheets(_sheets(parts))
    except PageRefusedError:
        raise
    except (ParseError, ValueError, KeyError, IndexError, ArithmeticError, LookupError) as error:
        raise damaged(f"{type(error).__name__}: {error}") from error


def _unpacked(body: bytes) -> dict[str, bytes]:
    """Return the content of each member by its name, with slashes, in lower case."""
    parts: dict[str, bytes] = {}
    unpacked = 0
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS:
                raise too_large("members")
            for member in members:
                with archive.open(member) as stream:
                    content = stream.read(_MOST_UNPACKED - unpacked + 1)
                unpacked += len(content)
                if unpacked > _MOST_UNPACKED:
                    raise too_large("content")
                name = _part_name(member.filename)
                if name in parts:
                    raise damaged(f"it has two members {member.filename}")
                parts[name] = content
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, ValueError, EOFError,
            NotImplementedError) as error:  # fmt: skip
        raise damaged(str(error)) from error
    return parts


def _part_name(name: str) -> str:
    return posixpath.normpath("/" + name.replace("\\", "/").lstrip("/")).lower()


def _sheets(parts: Mapping[str, bytes]) -> Iterator[Sheet]:
    """Yield the sheets of a workbook in their order; charts have no cells."""
    main = _main_part(parts)
    book = parse_xml(parts[main])
    related = _relationships(parts, main)
    styles = _read_first(parts, related, "styles", read_styles, Styles())
    strings = _read_first(parts, related, "sharedStrings", read_strings, ())
    properties = next(children(book, "workbookPr"), None)
    since_1904 = properties is not None and properties.get("date1904") in _TRUE
    declared = [sheet for sheets in children(book, "sheets") for sheet in children(sheets, "sheet")]
    if len(declared) > MOST_SHEETS:
        raise too_large("sheets")
    if not declared:
        raise damaged("it has no sheet")
    for sheet in declared:
        name = sheet.get("name", "")
        relationship = related.get(attribute(sheet, "id") or "")
        if relationship is None or relationship.part not in parts:
            raise damaged(f"its sheet {name} is missing")
        if relationship.kind == "worksheet":
            read = read_sheet(
                name, parts[relationship.part], strings, styles, since_1904=since_1904
            )
            read.hidden = sheet.get("state") in _HIDDEN
            yield read


def _main_part(parts: Mapping[str, bytes]) -> str:
    """Return the name of the workbook's part, which need not be `xl/workbook.xml`."""
    for relationship in _relationships(parts, "/").values():
        if relationship.kind == "officeDocument" and relationship.part in parts:
            return relationship.part
    named = [name for name in parts if _MAIN_PART.fullmatch(posixpath.basename(name).encode())]
    if len(named) != 1:
        raise damaged("it is a zip without a workbook")
    return named[0]


def _relationships(parts: Mapping[str, bytes], source: str) -> dict[str, _Relationship]:
    """Return the relationships of a part by their IDs, those within the package only."""
    folder, name = posixpath.split(source)
    content = parts.get(posixpath.join(folder, "_rels", f"{name}.rels"))
    if content is None:
        return {}
    found = {}
    for element in parse_xml(content).iter():
        if local(element) == "Relationship" and element.get("TargetMode") != "External":
            target = element.get("Target", "").replace("\\", "/")
            kind = element.get("Type", "").rpartition("/")[2]
            part = _part_name(posixpath.join(folder, target))
            found[element.get("Id", "")] = _Relationship(kind, part)
    return found


def _read_first(
    parts: Mapping[str, bytes],
    related: Mapping[str, _Relationship],
    kind: str,
    read: Callable[[bytes], Any],
    default: Any,
) -> Any:
    """Return the part of a kind as read, or a default if the workbook has none."""
    for relationship in related.values():
        if relationship.kind == kind and relationship.part in parts:
            return read(parts[relationship.part])
    return default

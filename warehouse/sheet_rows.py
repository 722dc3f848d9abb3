"""The rows of a release's workbook as XML, each written by DuckDB as one text.

`sheets.py` says what a cell holds, and writes the same cell by cell for the result of a query; for
the millions of rows of a release that would take ten times as long.
"""

from collections.abc import Sequence
from typing import NamedTuple

from xlsxwriter.utility import xl_col_to_name

from warehouse.sheets import DIGITS, FIRST_DAY, LONGEST

_CONTROLS = [*range(0x09), *range(0x0B, 0x20)]  # which XML forbids or changes
_NO_CHARACTERS = (0xFFFE, 0xFFFF)
_ODD = r"[&<>\x00-\x08\x0b-\x1f\x{FFFE}\x{FFFF}]|_x[0-9A-Fa-f]{4}_"
_ESCAPED = r"(_x[0-9A-Fa-f]{4}_)"  # which Excel would read as a character
_FORMULA = ", ".join(str(ord(character)) for character in "=+@\t-")


class Column(NamedTuple):
    """A column of a sheet: its name, its SQL type, and the number of its cells' style."""

    name: str
    kind: str
    style: int


def rows_as_xml(
    query: str, columns: Sequence[Column], quoted_style: int, rows_of_sheet: int
) -> str:
    """Return SQL for the rows of a query as XML, one text each; empty cells are left out.

    Args:
        query: it has an order.
        columns: those of the query.
        quoted_style: the style of texts that a spreadsheet would run.
        rows_of_sheet: how many rows a sheet takes; the first is its header.
    """
    cells = ", ".join(
        _cell(column, xl_col_to_name(at), quoted_style) for at, column in enumerate(columns)
    )
    return (
        f"SELECT concat('<row r=\"', sheet_row, '\">', {cells}, '</row>')"  # noqa: S608 because the names are the release's own
        f" FROM (SELECT *, ((row_number() OVER () - 1) % {rows_of_sheet - 1} + 2)::VARCHAR"
        f" AS sheet_row FROM ({query}))"
    )


def _cell(column: Column, letters: str, quoted_style: int) -> str:
    """Return SQL for a cell: NULL where the value is."""
    return f"CASE WHEN {column.name} IS NOT NULL THEN {_filled(column, letters, quoted_style)} END"


def _filled(column: Column, letters: str, quoted_style: int) -> str:
    """Return SQL for the cell of a value.

    `concat` makes a text at once, where each `||` would make one of its own.
    """
    name = column.name
    start = f'concat(\'<c r="{letters}\', sheet_row, \'" s="{column.style}"'
    number = f"{start}><v>', {name}, '</v></c>')"
    text = f"{start} t=\"inlineStr\"><is><t>', {name}, '</t></is></c>')"
    match column.kind.partition("(")[0]:
        case "VARCHAR":
            kind = ' t="inlineStr"><is><t xml:space="preserve">'
            return (
                f"concat('<c r=\"{letters}', sheet_row, if(ascii({name}) IN ({_FORMULA}),"
                f' \'" s="{quoted_style}"{kind}\', \'" s="{column.style}"{kind}\'),'
                f" {_holdable(name)}, '</t></is></c>')"
            )
        case "BOOLEAN":
            return f"{start} t=\"b\"><v>', {name}::INTEGER, '</v></c>')"
        case "DATE" | "TIMESTAMP":
            days = f"(epoch({name}) / 86400 + 25569)"
            return f"if({days} < {FIRST_DAY}, {text}, {start}><v>', {days}, '</v></c>'))"
        case "INTEGER":
            return number
        case "DECIMAL" | "BIGINT" | "HUGEINT":
            digits = f"rtrim(ltrim(replace({name}::VARCHAR, '.', ''), '-0'), '0')"
            return (
                f"CASE WHEN abs({name}) < {10 ** (DIGITS - _scale(column.kind))} THEN {number}"
                f" WHEN length({digits}) <= {DIGITS} THEN {number} ELSE {text} END"
            )
        case _:
            raise TypeError(f"no cell is known for {name}, which is {column.kind}")


def _scale(kind: str) -> int:
    return int(kind.rstrip(")").partition(",")[2] or 0)


def _holdable(name: str) -> str:
    """Return SQL for a text as XML that a cell can hold, cut where it is too long.

    Nearly all texts are left as they are, and cost one look.
    """
    room = f"({LONGEST} - length({_cut_note(name)}))"
    # Characters beyond U+FFFF count twice: half as many fit whatever they are, and more if few are.
    some = f"{room} - {_twice(f'left({name}, {room})')}"
    fits = f"left({name}, greatest({room} // 2, {some}))"
    cut = f"if(length({name}) + {_twice(name)} > {LONGEST}, {fits} || {_cut_note(name)}, {name})"
    # Each character is replaced by one of equal length. NUL would end the statement, so it is no
    # part of the literal.
    controls = "chr(0) || '" + "".join(map(chr, (*_CONTROLS[1:], *_NO_CHARACTERS))) + "'"
    shown = "".join(chr(0x2400 + code) for code in _CONTROLS)
    shown += "\N{REPLACEMENT CHARACTER}" * len(_NO_CHARACTERS)
    whole = f"translate({cut}, {controls}, '{shown}')"
    escaped = f"regexp_replace({whole}, '{_ESCAPED}', '_x005F\\1', 'g')"
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        escaped = f"replace({escaped}, '{character}', '{entity}')"
    return (
        f"if(regexp_matches({name}, '{_ODD}') OR strlen({name}) > {LONGEST // 2},"
        f" {escaped}, {name})"
    )


def _cut_note(name: str) -> str:
    return (
        f"(' [... cut: ' || format('{{:,}}', length({name}))"
        " || ' characters; the whole is in mptf.duckdb]')"
    )


def _twice(text: str) -> str:
    """Return SQL for how many characters of a text count twice in UTF-16."""
    return f"length(regexp_replace({text}, '[^\\x{{10000}}-\\x{{10FFFF}}]', '', 'g'))"

"""Results of queries as tables of text: whole, and no wider than a terminal.

A table that is too wide has its text wrapped; one that is too wide even so is split into blocks of
columns, each with the rows' numbers. No column, row or character is left out.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TextIO

from flows.terminal import shown, text_width
from warehouse.connection import FETCH_ROWS, Connection
from warehouse.query import Texts, texts

_NULL = "NULL"
_NARROWEST = 12  # characters to which text is wrapped before a table is split
_NUMBERS = {
    "TINYINT": "int8", "SMALLINT": "int16", "INTEGER": "int32", "BIGINT": "int64",
    "HUGEINT": "int128", "UTINYINT": "uint8", "USMALLINT": "uint16", "UINTEGER": "uint32",
    "UBIGINT": "uint64", "UHUGEINT": "uint128", "FLOAT": "float", "DOUBLE": "double",
}  # fmt: skip
_PLAN = ["explain_key", "explain_value"]  # the columns of EXPLAIN, whose value is a drawing


class _Column(NamedTuple):
    """A column: its name and type, its cells, and the widths that it wants and can do with."""

    name: str
    type: str
    cells: Sequence[str]
    is_number: bool
    wanted: int
    least: int


def write_table(con: Connection, query: str, out: TextIO, width: int | None = None) -> int:
    """Write the whole result of a query as a table, and return the number of its rows.

    Args:
        con: the connection.
        query: one statement.
        out: where the table is written.
        width: the terminal's width in characters; None for no limit.
    """
    found = texts(con, query)
    if found is None:
        return 0
    if found.names == _PLAN:
        return _write_plan(found, out)
    count = 0
    rows = iter(found.rows)
    while (batch := list(islice(rows, FETCH_ROWS))) or not count:
        for line in _table(found, batch, count, width):
            out.write(f"{line}\n")
        count += len(batch)
        if len(batch) < FETCH_ROWS:
            break
    return count


def _write_plan(found: Texts, out: TextIO) -> int:
    rows = list(found.rows)
    for _, drawing in rows:
        out.write(f"{drawing}\n")
    return len(rows)


def _table(
    found: Texts, rows: Sequence[tuple[str | None, ...]], before: int, width: int | None
) -> Iterator[str]:
    """Yield the lines of a table, or of its blocks; `before` is the number of earlier rows."""
    cells = zip(*rows, strict=True) if rows else [()] * len(found.names)
    columns = [_column(*each) for each in zip(found.names, found.types, cells, strict=True)]
    if width is None or _frame(columns) + sum(column.wanted for column in columns) <= width:
        yield from _box(columns, [column.wanted for column in columns])
    elif _frame(columns) + sum(column.least for column in columns) <= width:
        yield from _box(columns, _shared(columns, width))
    else:
        numbers = [str(number) for number in range(before + 1, before + len(rows) + 1)]
        counted = _column("row", "", numbers)._replace(is_number=True)
        for block in _blocks(columns, counted, width):
            yield from _box(block, _shared(block, width))
    if not rows:
        yield "0 rows"


def _column(name: str, kind: str, cells: Iterable[str | None]) -> _Column:
    """Return a column, whose characters are all safe to show on one line."""
    texts = [_NULL if cell is None else _on_one_line(cell) for cell in cells]
    name, label = _on_one_line(name), _on_one_line(_label(kind))
    widest = max(map(text_width, texts), default=0)
    header = max(text_width(name), text_width(label))
    is_number = label in _NUMBERS.values() or kind.startswith("DECIMAL")
    wanted = max(widest, header)
    # A number, date or time is never wrapped; a name is, behind its underscores.
    keeps = is_number or kind.startswith(("DATE", "TIME", "BOOLEAN"))
    least = max(widest if keeps else 0, min(wanted, _NARROWEST))
    return _Column(name, label, texts, is_number, wanted, least)


def _on_one_line(text: str) -> str:
    return shown(text.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r"))


def _label(kind: str) -> str:
    """Return a type as DuckDB's own tables show it: BIGINT[] is int64[]."""
    base, bracket, rest = kind.partition("[")
    return f"{_NUMBERS.get(base, base.lower())}{bracket}{rest}"


def _frame(columns: Sequence[_Column]) -> int:
    """Return the width of a table's lines and blanks."""
    return 3 * len(columns) + 1


def _blocks(columns: Sequence[_Column], counted: _Column, width: int) -> Iterator[list[_Column]]:
    """Yield as many columns at a time as fit, behind the rows' numbers."""
    block = [counted]
    for column in columns:
        tried = [*block, column]
        if len(block) > 1 and _frame(tried) + sum(each.least for each in tried) > width:
            yield block
            block = [counted]
        block.append(column)
    yield block


def _shared(columns: Sequence[_Column], width: int) -> list[int]:
    """Return the columns' widths: what is left of the line goes to those that want it."""
    widths = [column.least for column in columns]
    left = width - _frame(columns) - sum(widths)
    if left < 0:  # a single column: its numbers are wrapped too
        widths[-1] = max(1, widths[-1] + left)
    by_need = sorted(range(len(columns)), key=lambda at: columns[at].wanted - widths[at])
    for position, at in enumerate(by_need):
        share = max(0, left) // (len(columns) - position)
        given = min(share, max(0, columns[at].wanted - widths[at]))
        widths[at] += given
        left -= given
    return widths


def _box(columns: Sequence[_Column], widths: Sequence[int]) -> Iterator[str]:
    """Yield the lines of a table of some columns."""
    bars = ["─" * (width + 2) for width in widths]
    yield f"┌{'┬'.join(bars)}┐"
    names = [wrapped(column.name, width) for column, width in zip(columns, widths, strict=True)]
    most = max(map(len, names))
    padded = [[*[""] * ((most - len(lines)) // 2), *lines] for lines in names]
    yield from _lines(padded, widths, ["center"] * len(columns))
    kinds = [wrapped(column.type, width) for column, width in zip(columns, widths, strict=True)]
    yield from _lines(kinds, widths, ["center"] * len(columns))
    sides = ["right" if column.is_number else "left" for column in columns]
    if columns[0].cells:
        yield f"├{'┼'.join(bars)}┤"
    for row in zip(*(column.cells for column in columns), strict=True):
        cells = [wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
        yield from _lines(cells, widths, sides)
    yield f"└{'┴'.join(bars)}┘"


def _lines(
    cells: Sequence[Sequence[str]], widths: Sequence[int], sides: Sequence[str]
) -> Iterator[str]:
    """Yield the lines of one row, whose cells are wrapped already."""
    for number in range(max(map(len, cells))):
        parts = [cell[number] if number < len(cell) else "" for cell in cells]
        placed = map(_placed, parts, widths, sides)
        yield f"│ {' │ '.join(placed)} │"


def _placed(text: str, width: int, side: str) -> str:
    left = width - text_width(text)
    match side:
        case "right":
            return " " * left + text
        case "center":
            return " " * (left // 2) + text + " " * (left - left // 2)
        case _:
            return text + " " * left


def wrapped(text: str, width: int) -> list[str]:
    """Cut a text into lines of a width: behind a blank, else behind a sign, else anywhere."""
    lines = []
    while text_width(text) > width:
        at = _break(text, _fitting(text, width))
        line, text = text[:at], text[at:]
        lines.append(line if text_width(line) <= width else line.removesuffix(" "))
    return [*lines, text]


def _break(text: str, end: int) -> int:
    """Return where a line ends that holds at most `end` characters, beside a blank at its end."""
    blank = text.rfind(" ", 1, end + 1) + 1
    sign = max(text.rfind(sign, 0, end) for sign in "_/,-") + 1
    return blank or (sign if sign > end // 2 else end)


def _fitting(text: str, width: int) -> int:
    """Return how many characters of a text fit into a width, one at least."""
    used = 0
    for at, sign in enumerate(text):
        used += text_width(sign)
        if used > width and at:
            return at
    return len(text)

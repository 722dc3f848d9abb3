"""Conversion of a page's tables to rows, for the peer.

Spans and headings are handled here. Totals,
sub-totals, blank rows and group headings are left out. Text stays as printed: organization names
are not unified, and nothing is archived, checked, dated or quarantined.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

# Table -> column -> type. Amounts are in US$, rates in percent.
TABLES: dict[str, dict[str, str]] = {
    "programme": {"id": "VARCHAR", "label": "VARCHAR", "value": "VARCHAR"},
    "figure": {
        "id": "VARCHAR", "organization": "VARCHAR", "year": "BIGINT", "measure": "VARCHAR",
        "amount": "DOUBLE",
    },
    "voucher": {
        "id": "VARCHAR", "number": "VARCHAR", "date": "VARCHAR", "organization": "VARCHAR",
        "status": "VARCHAR", "amount": "DOUBLE",
    },
    "passage": {"id": "VARCHAR", "text": "VARCHAR"},
    "document": {"id": "VARCHAR", "title": "VARCHAR", "url": "VARCHAR"},
}  # fmt: skip
_KEYS = re.compile(r"(?:participating )?(?:un )?organi[sz]ation|(?:fiscal )?year")
_MEASURES = {
    "budget": "approved_budget", "net funded": "net_funded", "transfer": "transfers",
    "refund": "refunds", "expenditure": "expenditure", "delivery": "delivery_rate",
}  # fmt: skip
_YEAR = re.compile(r"(?:FY )?((?:19|20)[0-9]{2})")
_TOTAL = re.compile(r"(?:grand |sub-?)?total\b", re.IGNORECASE)
_NOT_IN_NUMBERS = str.maketrans("", "", ", \u00a0%")

Rows = dict[str, list[tuple[Any, ...]]]


class Cell(NamedTuple):
    """A printed cell with folded white space."""

    text: str
    colspan: int = 1
    rowspan: int = 1


class _Column(NamedTuple):
    key: str | None  # "organization" or "year"
    measure: str | None
    year: int | None


def page_rows(
    key: str,
    *,
    tables: Iterable[Iterable[Sequence[Cell]]],
    terms: Iterable[tuple[str, str]],
    passages: Iterable[str],
    documents: Iterable[tuple[str, str]],
    first: bool,
) -> Rows:
    """Return one page of a programme as rows by table.

    Args:
        key: The programme's ID.
        tables: The tables that contain no other table.
        terms: Labels and values of a definition list.
        passages: Paragraphs and list items.
        documents: Titles and URLs.
        first: Whether this is the first page; a later one repeats all but its vouchers.
    """
    rows: Rows = {name: [] for name in TABLES}
    for table in tables:
        grid = spread(table)
        head = " ".join(text for row in grid[:2] for text in row).lower()
        if "voucher" in head:
            rows["voucher"] += [(key, *voucher) for voucher in vouchers(grid)]
        elif first and "project id" in head:
            rows["programme"] += [
                (key, *pair) for row in grid for pair in zip(row[::2], row[1::2], strict=False)
            ]
        elif first:
            rows["figure"] += [(key, *figure) for figure in figures(grid)]
    if first:
        rows["programme"] += [(key, *term) for term in terms]
        rows["passage"] += [(key, text) for text in passages]
        rows["document"] += [(key, *document) for document in documents]
    return rows


def spread(table: Iterable[Sequence[Cell]]) -> list[list[str]]:
    """Return the text of every grid position; a cell is repeated over its span."""
    grid: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}  # column -> rows still to fill, text
    for cells in table:
        row: list[str] = []
        waiting = iter(cells)
        while True:
            if len(row) in hanging:
                left, text = hanging.pop(len(row))
                if left > 1:
                    hanging[len(row)] = (left - 1, text)
                row.append(text)
            elif (cell := next(waiting, None)) is not None:
                for _ in range(cell.colspan):
                    if cell.rowspan > 1:
                        hanging[len(row)] = (cell.rowspan - 1, cell.text)
                    row.append(cell.text)
            else:
                break
        grid.append(row)
    return grid


def figures(grid: list[list[str]]) -> Iterator[tuple[str | None, int | None, str, float]]:
    """Yield organization, year, measure and amount of a table of figures; else nothing."""
    rows = [row for row in grid if any(row)]
    while rows and (len(set(rows[0])) == 1 or not _is_heading(rows[0])):  # a caption
        rows.pop(0)
    heads = []
    while rows and _is_heading(rows[0]):
        heads.append(rows.pop(0))
    columns = [_column(texts) for texts in zip(*heads, strict=False)]
    if not any(column.measure for column in columns):
        return
    group: str | None = None
    for row in rows:
        first = row[0]
        if _TOTAL.match(first):
            continue
        if len(row) > 1 and set(row) - {""} == {first}:
            group = first
            continue
        organization, year = group, None
        for column, text in zip(columns, row, strict=False):
            if column.key == "organization":
                organization = text
            elif column.key == "year":
                year = _year(text)
        for column, text in zip(columns, row, strict=False):
            if column.measure is not None and (value := amount(text)) is not None:
                yield organization, column.year or year, column.measure, value


def vouchers(grid: list[list[str]]) -> Iterator[tuple[str, str, str, str, float | None]]:
    """Yield number, date, organization, status and amount of every voucher."""
    head = [text.lower() for text in grid[0]]
    number, date, organization, status, paid = (
        next(at for at, text in enumerate(head) if word in text)
        for word in ("voucher", "date", "organi", "status", "amount")
    )
    for row in grid[1:]:
        if len(set(row)) > 1 and not _TOTAL.match(row[number]):
            yield row[number], row[date], row[organization], row[status], amount(row[paid])


def amount(text: str) -> float | None:
    """Parse a printed amount or rate; return None if it is neither."""
    digits = text.translate(_NOT_IN_NUMBERS)
    if digits.startswith("("):
        digits = f"-{digits.strip('()')}"
    try:
        return float(digits)
    except ValueError:
        return None


def _is_heading(row: list[str]) -> bool:
    known = [_known(text) for text in row if text]
    return all(known) and any(column.key or column.measure for column in known if column)


def _column(texts: tuple[str, ...]) -> _Column:
    found = [known for text in texts if (known := _known(text))]
    return _Column(
        next((column.key for column in found if column.key), None),
        next((column.measure for column in found if column.measure), None),
        next((column.year for column in found if column.year), None),
    )


@lru_cache(4096)
def _known(text: str) -> _Column | None:
    """Return the meaning of a heading, or None if it is not one."""
    folded = text.lower().rstrip("*")
    if _KEYS.fullmatch(folded):
        return _Column("year" if folded.endswith("year") else "organization", None, None)
    if year := _year(text):
        return _Column(None, None, year)
    measure = next((name for word, name in _MEASURES.items() if word in folded), None)
    return _Column(None, measure, None) if measure else None


def _year(text: str) -> int | None:
    found = _YEAR.fullmatch(text)
    return int(found[1]) if found else None

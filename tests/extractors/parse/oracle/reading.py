"""A naive reading of a table on a screen: its figures by the headings above and the names beside.

Independent of the parser: it knows neither markup nor spans. What a number belongs to follows from
the places of cells alone.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from extractors.records import Measure
from tests.extractors.parse.oracle.seen import SeenCell, SeenTable

_MEASURES: dict[str, Measure] = {
    "approved budget": "approved_budget", "total approved budget": "approved_budget",
    "budget": "approved_budget", "total budget": "approved_budget",
    "net funded amount": "net_funded", "net funded": "net_funded",
    "total net funded amount": "net_funded", "net amount": "net_funded",
    "transfers": "transfers", "total transfers": "transfers", "transferred": "transfers",
    "transferred amount": "transfers", "transfer": "transfers",
    "transfers to participating organizations": "transfers",
    "refunds": "refunds", "refunded amount": "refunds", "total refunds": "refunds",
    "refund": "refunds", "refunded": "refunds",
    "expenditure": "expenditure", "total expenditure": "expenditure",
    "expenditures": "expenditure", "total expenditures": "expenditure",
    "delivery rate": "delivery_rate", "delivery": "delivery_rate",
    "rate of delivery": "delivery_rate",
}  # fmt: skip
_ORGANIZATION = re.compile(r"(?:participating |implementing )?(?:un )?(?:organi[sz]ations?|agency)")
_YEAR_HEADING = re.compile(r"(?:fiscal |financial )?year")
_TOTAL_HEADING = re.compile(r"(?:grand )?totals?|cumulative")
_YEAR = re.compile(
    r"(?:fy\s*|(?:fiscal |financial )?year\s*:?\s*)?((?:19|20)[0-9]{2})[*†‡]*:?", re.IGNORECASE
)
_YEAR_WITHIN = re.compile(r"\b(?:fy\s*)?((?:19|20)[0-9]{2})\b", re.IGNORECASE)
_TOTAL = re.compile(r"[-–\s]*(?:(?:grand|sub)[\s-]*)?totals?\b.*|.+\btotals?\s*:?", re.IGNORECASE)
_UNIT = re.compile(r"\((?:in )?(?:us\s?\$|usd|%)\)|us\s?\$|\busd\b|[*†‡]+", re.IGNORECASE)
_NO_DATA = re.compile(r"no (?:data|records?|results?|vouchers?|figures?|expenditures?)\b.*|n/?a")
_NUMBER = re.compile(
    r"(?P<minus>[-–−(]?)\s*(?:US\s?\$|USD|\$)?\s*(?P<inner>[-–−]?)\s*"
    r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?:[ ’'][0-9]{3})+|[0-9]+)"
    r"(?P<decimals>\.[0-9]+)?\s*\)?\s*%?\s*[*†‡]*",
    re.IGNORECASE,
)

_NEAR = 3  # CSS pixels
Role = Literal["fact", "total", "unclear"]


class Number(NamedTuple):
    """A number that a table shows, and what it is a figure of.

    Attributes:
        role: "fact"; "total", if it says so; or "unclear", if it has no single meaning, as in a
            cell that spans several rows. Only facts may be loaded.
        value: None if it is no number that everyone would read alike.
    """

    organization: str | None
    year: int | None
    measure: Measure
    role: Role
    text: str
    value: Decimal | None


class _Column(NamedTuple):
    """The meaning of the headings above a place."""

    measures: frozenset[str]
    years: frozenset[int]
    is_organization: bool
    is_year: bool
    is_total: bool
    is_odd: bool  # with another text that has digits


def figures_shown(table: SeenTable) -> list[Number]:
    """Return the numbers below headings of measures; none unless the table is one of figures."""
    rows = _rows(table)
    heads, body = _split(rows, table)
    if not _is_figure_table(heads):
        return []
    numbers: list[Number] = []
    group: str | None = None
    group_year: int | None = None
    is_below_others = False
    texts_of_heads = [[cell.text for cell in row if cell.text] for row in heads]
    for row in body:
        filled = [cell for cell in row if cell.text]
        if [cell.text for cell in filled] in texts_of_heads:
            is_below_others = False
            continue
        is_below_others = is_below_others or _are_other_headings(filled, heads)
        wide = [cell for cell in filled if _is_over_all(cell, heads)]  # pushes others aside
        over, within = (wide, wide) if wide else (filled, row)
        if len({cell.text for cell in over}) == 1 and _stands_over_rows(over[0], heads, within):
            if year := _YEAR.fullmatch(over[0].text):
                group_year = int(year[1])
            elif _clean(over[0].text):  # no line of dashes, and no unit
                group = over[0].text
            continue
        named = [cell.text for cell in filled if _column(cell, heads).is_organization]
        group = named[0] if named else group
        found = _numbers(row, heads, table, group, group_year)
        numbers += [one._replace(role="unclear") for one in found] if is_below_others else found
    return numbers


def _rows(table: SeenTable) -> list[list[SeenCell]]:
    """Return the cells in each row: those whose middle or whose top lies in it."""
    rows = []
    for top, bottom in sorted(table.rows):
        middle = (top + bottom) / 2
        row = [cell for cell in table.cells if cell.place.top < middle < cell.place.bottom]
        if any(cell.text for cell in row):
            rows.append(sorted(row, key=lambda cell: cell.place.left))
    return rows


def _split(
    rows: list[list[SeenCell]], table: SeenTable
) -> tuple[list[list[SeenCell]], list[list[SeenCell]]]:
    """Split the rows into headings (from the first row with one on) and what stands below."""
    first = next((at for at, row in enumerate(rows) if _has_heading(row, rows[at + 1 :])), None)
    if first is None:
        return [], rows
    last = first + 1
    while last < len(rows) and _is_only_headings(rows[last], rows[first]):
        last += 1
    return rows[first:last], rows[last:]


def _has_heading(row: list[SeenCell], below: Sequence[list[SeenCell]]) -> bool:
    texts = [cell.text for cell in row if cell.text]
    measures = sum(_measure(text) is not None for text in texts)
    if measures > sum(_is_amount(cell.text) and not cell.is_heading for cell in row):
        return True
    years = sum(_YEAR.fullmatch(text) is not None for text in texts)
    return years > 0 and bool(below) and _has_heading(below[0], ())


def _is_only_headings(row: list[SeenCell], above: list[SeenCell]) -> bool:
    """Return whether all texts are years, measures or keys, or stand in a cell from above."""
    new = [cell for cell in row if cell.text and cell not in above]
    if len(row) == 1:
        return False  # stands over rows
    if len(new) > 1 and all(cell.is_heading for cell in new):
        return True
    if not new:
        return True
    known = [cell for cell in new if _is_heading(cell.text) or _YEAR.fullmatch(cell.text)]
    if len(known) < len(new):
        is_row_of_them = len(new) > 1 or new[0].is_heading
        return (
            is_row_of_them
            and _is_beside_key(row, above)
            and all(_may_be_heading(cell, above) for cell in new)
        )
    return not any(_is_key(cell, above) for cell in new)


def _are_other_headings(row: list[SeenCell], heads: list[list[SeenCell]]) -> bool:
    """Return whether a measure is named below another, in a row without amounts."""
    return not any(_is_amount(cell.text) for cell in row) and any(
        (measure := _measure(cell.text)) and measure not in _column(cell, heads).measures
        for cell in row
    )


def _is_beside_key(row: list[SeenCell], above: list[SeenCell]) -> bool:
    """Return whether a heading of names or years reaches down into a row."""
    return any(cell in above and _names_key(cell.text) for cell in row)


def _may_be_heading(cell: SeenCell, above: list[SeenCell]) -> bool:
    """Return whether a cell may part the heading that it stands under; a year only a wider one."""
    own = cell.place
    for head in above:
        over = head.place
        if over.left - _NEAR < own.left and own.right < over.right + _NEAR:
            if _names_key(head.text) or _is_amount(cell.text):
                return False
            return over.width > own.width + _NEAR or _YEAR.fullmatch(cell.text) is None
    return False


def _names_key(text: str) -> bool:
    clean = _clean(text)
    return bool(_ORGANIZATION.fullmatch(clean) or _YEAR_HEADING.fullmatch(clean))


def _is_key(cell: SeenCell, above: list[SeenCell]) -> bool:
    """Return whether a year or total stands below the heading of years or organizations."""
    if not (_YEAR.fullmatch(cell.text) or _TOTAL.fullmatch(cell.text)):
        return False
    return any(
        _names_key(head.text)
        and abs(head.place.left - cell.place.left) < _NEAR
        and abs(head.place.right - cell.place.right) < _NEAR
        for head in above
    )


def _is_heading(text: str) -> bool:
    clean = _clean(text)
    return bool(
        _measure(text)
        or _ORGANIZATION.fullmatch(clean)
        or _YEAR_HEADING.fullmatch(clean)
        or _TOTAL_HEADING.fullmatch(clean)
    )


def _is_figure_table(heads: list[list[SeenCell]]) -> bool:
    columns = [_column(cell, heads) for row in heads for cell in row if cell.text]
    return any(column.measures for column in columns) and any(
        column.is_organization or column.is_year or column.years for column in columns
    )


def _column(cell: SeenCell, heads: list[list[SeenCell]], at: float | None = None) -> _Column:
    middle = cell.place.across if at is None else at
    above = [
        head.text
        for row in heads
        for head in row
        if head.text
        and head.place.left <= middle <= head.place.right
        and not _is_over_all(head, heads)
    ]
    measures = frozenset(filter(None, map(_measure, above)))
    years = frozenset(
        int(found[1])
        for text in above
        if (found := _YEAR.fullmatch(text))
        or (_measure(text) and (found := _YEAR_WITHIN.search(text)))
    )
    clean = [_clean(text) for text in above]
    shares = any("%" in text and "delivery_rate" not in measures for text in above)
    return _Column(
        frozenset() if shares else measures,
        years,
        any(map(_ORGANIZATION.fullmatch, clean)) and not measures,
        any(map(_YEAR_HEADING.fullmatch, clean)) and not measures,
        any(map(_TOTAL_HEADING.fullmatch, clean)),
        any(
            any(map(str.isdigit, text)) and not _YEAR.fullmatch(text) and not _measure(text)
            for text in above
        ),
    )


def _is_over_all(one: SeenCell, heads: list[list[SeenCell]]) -> bool:
    """Return whether a cell stands over all columns with headings, those of keys too."""
    cells = [cell for row in heads for cell in row]
    return len(cells) > 1 and all(
        one.place.left <= cell.place.across <= one.place.right for cell in cells
    )


def _measure(text: str) -> Measure | None:
    clean = _clean(text)
    if (known := _MEASURES.get(clean)) is None:
        without_year = " ".join(_YEAR_WITHIN.sub(" ", clean).split()).strip(" ,:()-–")
        known = _MEASURES.get(without_year)
    return None if known != "delivery_rate" and "%" in text else known


def _clean(text: str) -> str:
    return " ".join(_UNIT.sub(" ", text).split()).strip(" :-–").lower()


def _stands_over_rows(cell: SeenCell, heads: list[list[SeenCell]], row: list[SeenCell]) -> bool:
    """Return whether a row's only text stands over the rows below, as an organization's may."""
    if _TOTAL.fullmatch(cell.text) or _NO_DATA.fullmatch(cell.text.lower()):
        return False
    if len(row) == 1:
        return True
    column = _column(cell, heads)
    is_year = _YEAR.fullmatch(cell.text) is not None
    if column.measures:
        return False
    return (column.is_year and not is_year) or not (column.is_year or column.is_organization)


def _numbers(
    row: list[SeenCell],
    heads: list[list[SeenCell]],
    table: SeenTable,
    group: str | None,
    group_year: int | None,
) -> list[Number]:
    columns = [_column(cell, heads) for cell in row]
    filled = [cell.text for cell in row if cell.text]
    names = [cell.text for cell, column in zip(row, columns, strict=True)
             if column.is_organization and cell.text]  # fmt: skip
    years = [cell.text for cell, column in zip(row, columns, strict=True)
             if column.is_year and cell.text]  # fmt: skip
    is_total = _TOTAL.fullmatch(filled[0]) is not None or any(map(_TOTAL.fullmatch, names))
    has_names = any(_column(cell, heads).is_organization for head in heads for cell in head)
    organization = names[0] if names else (group if years or not has_names else None)
    is_displaced = any(
        cell.text and (column.is_organization or column.is_year) and _is_spread(cell, column, heads)
        for cell, column in zip(row, columns, strict=True)
    )
    found = []
    for cell, column in zip(row, columns, strict=True):
        if not column.measures or not any(map(str.isdigit, cell.text)):
            continue
        year_text = years[0] if years else None
        year = _year(year_text) if year_text else group_year
        role: Role = "fact"
        if len(column.years) == 1:
            year = next(iter(column.years))
        if is_total or column.is_total:
            role = "total"
        elif (
            len(column.measures) > 1
            or len(column.years) > 1
            or (year_text and year is None)
            or is_displaced
            or column.is_odd
            or _is_shared(cell, column, heads, table)
        ):
            role = "unclear"
        value = _value(cell.text)
        found.append(
            Number(organization, year, min(column.measures), role, cell.text, value)  # type: ignore[arg-type]
        )
    return found


def _is_shared(
    cell: SeenCell, column: _Column, heads: list[list[SeenCell]], table: SeenTable
) -> bool:
    """Return whether a cell spans rows or other headings, or lies over another cell."""
    rows = sum(
        cell.place.top < (top + bottom) / 2 < cell.place.bottom for top, bottom in table.rows
    )
    return (
        rows > 1
        or _is_spread(cell, column, heads)
        or any(
            other is not cell and other.text and cell.place.overlaps(other.place)
            for other in table.cells
        )
    )


def _is_spread(cell: SeenCell, column: _Column, heads: list[list[SeenCell]]) -> bool:
    """Return whether a cell stands under headings of several meanings."""
    edges = (cell.place.left + _NEAR, cell.place.right - _NEAR)
    return any(_column(cell, heads, at) != column for at in edges)


def _year(text: str) -> int | None:
    found = _YEAR.fullmatch(text)
    return int(found[1]) if found else None


def _is_amount(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None and _YEAR.fullmatch(text) is None


def _value(text: str) -> Decimal | None:
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    digits = re.sub(r"[^0-9]", "", found["digits"])
    value = Decimal(digits + (found["decimals"] or ""))
    return -value if found["minus"] or found["inner"] else value

"""The rows of headings above a table, of one level or several, to one meaning for each column."""

import re
from collections import defaultdict
from itertools import zip_longest
from typing import NamedTuple

from extractors.parse.base.blocks import Cell, filled_texts
from extractors.parse.tables.headings import (
    AMOUNTS,
    KEYS,
    SPANNING,
    SPECIFIC,
    Heading,
    heading_and_year,
    is_percent,
    is_total,
    known_heading,
    printed_year,
    says_no_data,
)
from extractors.parse.tables.units import unit_in, without_unit
from extractors.records import MEASURES

SpreadRows = list[list[Cell]]  # rows whose spans are spread
_NOT_AVAILABLE = frozenset({"na", "n/a"})
_AMOUNT = re.compile(
    r"[-–−(]?\s?(?:US\s?\$|USD|\$)?\s?[0-9][0-9.,\s]*[a-z]?\)?[*†‡%]*", re.IGNORECASE
)
_SHARE = re.compile(r"%|\b(?:shares?|per\s?cent(?:age)?|pct)\b", re.IGNORECASE)
_YEAR_WITHIN = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])|\byears?\b", re.IGNORECASE)


class HeadedColumn(NamedTuple):
    """A column: the meaning of its heading, its year if years stand across, its printed heading.

    `may_be_of_year` says of a column without a meaning that its heading may name a year.
    """

    heading: Heading | None
    year: str | None
    text: str
    may_be_of_year: bool = False


class TableHead(NamedTuple):
    """The columns of a table, the place of the first row below their headings, and these."""

    columns: tuple[HeadedColumn, ...]
    end: int
    printed: set[tuple[str, ...]]


def read_head(full: SpreadRows) -> TableHead:
    """Find the rows of headings in a table, and give every column its meaning."""
    at = _below_caption(full)
    heads: SpreadRows = []
    while at < len(full) and _is_heading_row(full[at], full[at + 1 :], heads):
        heads.append(full[at])
        at += 1
    width = max(map(len, full), default=0)
    heads = _without_captions(_fill_spans(heads))
    columns = tuple(_column(heads, at) for at in range(width))
    has_formula = len(heads) > 1 and any(cell.text.startswith("=") for row in heads for cell in row)
    # A formula in rows of headings may be a year, and reach over the columns beside its own.
    if has_formula or _are_shifted(heads) or _are_pushed(heads) or _may_end_in_amounts(heads):
        columns = tuple(HeadedColumn(None, None, column.text) for column in columns)
    return TableHead(columns, at, {tuple(cell.text for cell in row) for row in heads})


def is_no_data(text: str) -> bool:
    """Return whether a text says that there is none."""
    return says_no_data(text) or text.lower() in _NOT_AVAILABLE


def _below_caption(spread: SpreadRows) -> int:
    """Return the place of the first row that is neither blank nor one text over the whole width."""
    width = max(map(len, spread), default=0)
    for at, row in enumerate(spread):
        texts = {cell.text for cell in row if cell.text}
        text = next(iter(texts), "")
        one_over_all = len(texts) == 1 and width > 1 and known_heading(text) is None
        years_unknown = text.startswith("=") and row and not row[0].text  # a formula over measures
        if texts and (not one_over_all or printed_year(text) or is_no_data(text) or years_unknown):
            return at
    return len(spread)


def _is_heading_row(row: list[Cell], below: SpreadRows, heads: SpreadRows) -> bool:
    texts = filled_texts(row)
    if not texts:
        return False
    if heads and (_names_key(row, heads) or _is_group(row, texts, heads) or _is_total_row(row)):
        return False
    if heads and _stands_beside_key(row, heads[-1]):
        return True
    if all(cell.heading for cell in row if heads or cell.text):
        return not _sums(texts[0]) or not heads
    known = sum(known_heading(text) is not None for text in texts)
    years = sum(printed_year(text) is not None for text in texts)
    if heads:  # below another heading row stand only measures, years and cells that span both
        return known + years == len(texts) and (known > 0 or _are_years(row, below, heads[-1]))
    if years == len(texts) and below:  # years alone, above the row with the other headings
        return _is_heading_row(below[0], [], [])
    return known > 0 and (known + years) * 2 >= len(texts) and not _sums(texts[0])


def _are_years(row: list[Cell], below: SpreadRows, head: list[Cell]) -> bool:
    """Return whether years right below headings are headings; one alone may be an amount: `2015`.

    It is a heading if nothing but headings stands below it, or if it is printed as the measure
    above it is: a `td` below `th` is not.
    """
    if len(filled_texts(row)) > 1:
        return True
    texts = filled_texts(below[0]) if below else []
    if texts and all(map(known_heading, texts)):
        return True
    return not any(cell.heading for cell in head) and all(
        at < len(head) and known_heading(head[at].text) in SPANNING
        for at, cell in enumerate(row)
        if cell.text
    )


def _names_key(row: list[Cell], heads: SpreadRows) -> bool:
    """Return whether a row has a key below such a heading, so that its `2000` is an amount."""
    return any(
        (printed_year(cell.text) or _sums(cell.text)) and any(_is_key(head, at) for head in heads)
        for at, cell in enumerate(row)
        if cell.text
    )


def _stands_beside_key(row: list[Cell], head: list[Cell]) -> bool:
    """Return whether a row stands beside a key's heading that spans it, and is one of headings.

    A row of figures may stand beside it, too, where the span is one too long: it has amounts, a
    name below another key, or a cell more than the headings. So may one text over the rows below.
    """
    places = [at for at, cell in enumerate(row) if cell.text]
    beside = [at for at in places if not _reaches_down(row, head, at)]
    if not beside or len(beside) == len(places) or beside[-1] >= len(head):
        return False
    is_group = len(beside) > 1 and all(row[at] is row[beside[0]] for at in beside)
    return not is_group and all(_may_be_heading(row[at].text, head, at) for at in beside)


def _reaches_down(row: list[Cell], head: list[Cell], at: int) -> bool:
    return at < len(head) and row[at] is head[at] and _is_key(head, at)


def _may_be_heading(text: str, head: list[Cell], at: int) -> bool:
    """Return whether a text may be a heading: a year or total may, below one over several."""
    if printed_year(text) or is_total(text):
        return _is_over_several(head, at)
    return known_heading(text) is not None or not (_is_key(head, at) or _AMOUNT.fullmatch(text))


def _is_over_several(row: list[Cell], at: int) -> bool:
    return bool(row[at].text) and any(
        row[n] is row[at] for n in (at - 1, at + 1) if 0 <= n < len(row)
    )


def _is_total_row(row: list[Cell]) -> bool:
    """Return whether a row is a total whose amounts look like years."""
    total = row[0].text
    amounts = [text for text in filled_texts(row) if text != total]
    return _sums(total) and bool(amounts) and all(map(printed_year, amounts))


def _is_key(head: list[Cell], at: int) -> bool:
    """Return whether a heading is that of years or names, and spans no other."""
    if at >= len(head) or known_heading(head[at].text) not in KEYS:
        return False
    return sum(cell.text == head[at].text for cell in head) == 1


def _is_group(row: list[Cell], texts: list[str], heads: SpreadRows) -> bool:
    """Return whether a row is one text over the rows below; text captures lose its span."""
    if len(set(texts)) > 1:
        return False
    if 1 < len(row) == len(texts):
        return all(cell is row[0] for cell in row)
    first_is_headed = any(head[0].text for head in heads if head)
    return first_is_headed and bool(row[0].text) and known_heading(row[0].text) is None


def _sums(text: str) -> bool:
    """Return whether a text names a total and not a measure such as `Total Approved Budget`."""
    return is_total(text) and known_heading(text) in {None, "total"}


def _fill_spans(heads: SpreadRows) -> SpreadRows:
    """Repeat a heading in the blank cells that it spanned before a text capture lost its span.

    A heading spans those behind it that have a heading below, if it has one below itself. The
    lowest row is filled first: in `Total`, `2014`, `Budget` the blanks below `Total` are years'.
    Where some heading has its span, none has lost it.
    """
    if any(cell.colspan > 1 for row in heads for cell in row):
        return heads
    filled = heads[-1:]
    for row in heads[-2::-1]:
        below = filled[0]
        cells = [*row, *[Cell("")] * (len(below) - len(row))]
        for at in range(1, len(below)):
            left = cells[at - 1]
            spans = printed_year(left.text) or known_heading(left.text) in SPANNING
            if not cells[at].text and spans and below[at].text and below[at - 1].text:
                cells[at] = left
        filled.insert(0, cells)
    return filled


def _are_shifted(heads: SpreadRows) -> bool:
    """Return whether some measure stands below the heading of organizations, or of years.

    Then a text capture has lost cells of the headings, and no column is known.
    """
    return any(
        _is_key(head, at) and known_heading(lower[at].text) in MEASURES
        for row, head in enumerate(heads)
        for lower in heads[row + 1 :]
        for at in range(min(len(head), len(lower)))
    )


def _are_pushed(heads: SpreadRows) -> bool:
    """Return whether a year spans several columns down to the lowest row of headings.

    It pushes the measures of that row aside, and no column is known.
    """
    return any(
        cell.rowspan > 1 and cell.colspan > 1 and printed_year(cell.text)
        for row in heads[-1:]
        for cell in row
    )


def _may_end_in_amounts(heads: SpreadRows) -> bool:
    """Return whether the lowest headings may be amounts: `2016` and `2015` in cells of a row.

    They may where they differ, and no heading above stands over two that do.
    """
    if len(heads) <= 1:
        return False
    *_, above, lowest = heads
    years: defaultdict[str, set[str | None]] = defaultdict(set)
    for head, cell in zip_longest(above, lowest, fillvalue=Cell("")):
        if cell.text:
            certain = cell.heading or cell.text.upper().startswith("FY")
            year = None if certain else printed_year(cell.text)
            years[known_heading(head.text) or head.text].add(year)
    shown = set().union(*years.values())
    return None not in shown and len(shown) > 1 and all(len(own) == 1 for own in years.values())


def _without_captions(heads: SpreadRows) -> SpreadRows:
    """Return rows of headings without a measure that stands over all columns, keys too."""
    captions = [
        row
        for row in heads[:-1]
        if len(row) > 1
        and len({cell.text for cell in row}) == 1
        and known_heading(row[0].text) in MEASURES
    ]
    return [row for row in heads if row not in captions]


def _column(heads: SpreadRows, at: int) -> HeadedColumn:
    texts = tuple(dict.fromkeys(filled_texts([row[at] for row in heads if at < len(row)])))
    text = " / ".join(texts)
    if any(text.startswith("=") for text in texts):  # a formula, perhaps of the column's year
        return HeadedColumn(None, None, text, may_be_of_year=True)
    meanings = [heading_and_year(text) for text in texts]
    years = {*map(printed_year, texts), *(within for _, within in meanings)} - {None}
    known = [heading for heading, _ in meanings if heading is not None]
    measures = [heading for heading in known if heading != "total"]
    if years and len(measures) > 1:  # a heading over the years themselves
        measures = [heading for heading in measures if heading != "year"]
    if not AMOUNTS.isdisjoint(measures) and _has_only_shares_beside(heads, at):
        measures = [heading for heading in measures if heading != "amount"]  # it is the measure's
    unread = [
        text
        for text, (meaning, _) in zip(texts, meanings, strict=True)
        if meaning is None and printed_year(text) is None and unit_in(text) is None
    ]
    has_digits = any(any(map(str.isdigit, text)) for text in unread)  # perhaps a part of a year
    contradicting = any(len(one.intersection(measures)) > 1 for one in SPECIFIC)
    if has_digits or contradicting or len(years) > 1 or _is_part(heads, at):
        may_be_of_year = len(years) > 1 or any(map(_YEAR_WITHIN.search, unread))
        return HeadedColumn(None, None, text, may_be_of_year)
    heading = measures[-1] if measures else (known[0] if known else None)
    if heading not in {"delivery_rate", "deposit_rate"} and any(map(is_percent, texts)):
        heading = None
    year = "total" if "total" in known and measures else next(iter(years), None)
    may_be_of_year = heading is None and any(map(_YEAR_WITHIN.search, unread))
    return HeadedColumn(heading, year, text, may_be_of_year)


def _is_part(heads: SpreadRows, at: int) -> bool:
    """Return whether a column is a part or share of what stands over several: `Staff`, `Share (%)`.

    Below a measure over several columns stand years, other headings and units, a text over the same
    columns, or what parts it; below a year with one column nothing parts it.
    """
    width = 0  # of the columns that a measure, or a year below it, stands over
    for row in heads:
        cell = row[at] if at < len(row) else Cell("")
        own_width = max(cell.colspan, 2 if at < len(row) and _is_over_several(row, at) else 1)
        if known_heading(cell.text) in AMOUNTS or (width and printed_year(cell.text)):
            width = own_width
        elif cell.text and own_width < width and not _names_no_part(cell.text):
            return _SHARE.search(cell.text) is not None or not _has_only_shares_beside(heads, at)
    return False


def _names_no_part(text: str) -> bool:
    known = known_heading(text) is not None or unit_in(text) is not None
    return known or not without_unit(text)


def _has_only_shares_beside(heads: SpreadRows, at: int) -> bool:
    """Return whether a column has nothing but shares beside it below the same heading."""
    lowest = heads[-1]
    for row in heads[-2::-1]:
        if at < len(row) and _is_over_several(row, at):
            others = [n for n, cell in enumerate(row) if cell is row[at] and n != at]
            return all(n < len(lowest) and _SHARE.search(lowest[n].text) for n in others)
    return True

"""Tables cut from what stands around them in one sheet: labels above, other tables below.

A spreadsheet is one table to its file, but begins with `Project ID: | 00067193` or `Report: | Key
Figures`, and may have the vouchers below the figures.
"""

from collections.abc import Iterable, Iterator, Sequence

from extractors.parse.base.blocks import Block, Cell, Line, TableBlock, filled_texts
from extractors.parse.tables.headings import AMOUNTS, known_heading, printed_year

_Row = tuple[Cell, ...]
_FEWEST_HEADINGS = 2
_MOST_LABEL_ROWS = 40


def cut_at_headings(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks with labels above headings as lines, and a table for each row of headings.

    Rows keep their numbers in the first table: those that became lines are blank.
    """
    cut: list[Block] = []
    for block in blocks:
        if isinstance(block, Line):
            cut.append(block)
        else:
            cut += _cut(block)
    return cut


def _cut(block: TableBlock) -> Iterator[Block]:
    rows = block.rows
    head = next((at for at in range(min(len(rows), _MOST_LABEL_ROWS)) if _heads(rows[at])), None)
    if head is None:
        yield block
        return
    first = head
    while first and (_stands_over_measures(rows[first - 1]) or _reaches(rows, first)):
        first -= 1
    above = list(rows[:first])
    for at, row in enumerate(above):
        if len(filled_texts(row)) > 1:
            yield from map(Line, _labels(filled_texts(row)))
            above[at] = ()
    begun = 0
    table = (*above, *rows[first:])
    for at in range(head + 1, len(rows)):
        if _begins_another(rows, at, head) and not _reaches(rows[begun:], at - begun):
            *kept, caption = _without_blanks(table[begun:at])
            alone = filled_texts(caption)
            is_caption = len(alone) == 1
            yield block._replace(rows=tuple(kept if is_caption else [*kept, caption]))
            if is_caption:
                yield Line(alone[0])
            begun = at
    yield block._replace(rows=table[begun:])


def _reaches(rows: Sequence[_Row], end: int) -> bool:
    """Return whether a cell above a row reaches down into it."""
    return any(at + cell.rowspan > end for at, row in enumerate(rows[:end]) for cell in row)


def _heads(row: _Row) -> bool:
    """Return whether a row has headings, at least one of them known and no year."""
    texts = _texts_of_no_label(row)
    known = sum(known_heading(text) is not None for text in texts)
    years = sum(printed_year(text) is not None for text in texts)
    return known > 0 and known + years >= _FEWEST_HEADINGS


def _stands_over_measures(row: _Row) -> bool:
    """Return whether a row above headings is blank, or spans them with a year or a measure.

    A formula may be a year.
    """
    texts = _texts_of_no_label(row)
    return not filled_texts(row) or any(
        printed_year(text) or text.startswith("=") or known_heading(text) in AMOUNTS
        for text in texts
    )


def _texts_of_no_label(row: _Row) -> list[str]:
    """Return the texts of a row, none if it is a label with its value."""
    texts = filled_texts(row)
    is_label = len(texts) > 1 and texts[0].endswith(":") and known_heading(texts[1]) is None
    return [] if is_label else texts


def _begins_another(rows: Sequence[_Row], at: int, first: int) -> bool:
    """Return whether another table's headings stand in a row below a blank one or a caption."""
    texts = filled_texts(rows[at])
    apart = len(filled_texts(rows[at - 1])) <= 1
    if not apart or texts == filled_texts(rows[first]):
        return False
    known = {known_heading(text) for text in texts} - {None, "total"}
    above = {known_heading(text) for text in filled_texts(rows[first])}
    return len(known) >= _FEWEST_HEADINGS and not known <= above and len(known) * 2 > len(texts)


def _without_blanks(rows: Sequence[_Row]) -> list[_Row]:
    kept = list(rows)
    while kept and not filled_texts(kept[-1]):
        kept.pop()
    return kept


def _labels(texts: Sequence[str]) -> Iterator[str]:
    """Yield each label of a row with the values behind it."""
    line: list[str] = []
    for text in texts:
        if text.endswith(":") and line:
            yield " ".join(line)
            line = []
        line.append(text)
    yield " ".join(line)

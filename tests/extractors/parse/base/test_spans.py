"""Cells stand where HTML's algorithm puts them, whatever their spans."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.parse.base.blocks import Cell
from extractors.parse.base.spans import Row, place, read_span, spread_rows
from extractors.records import LAID_OVER

Groups = list[list[Row]]
Slots = dict[tuple[int, int], list[Cell]]  # by row and column
SPANS = st.sampled_from([1, 1, 1, 1, 2, 2, 3, 9])


@st.composite
def groups_of_rows(draw: st.DrawFn) -> Groups:
    """Up to three groups of up to four rows, each cell with a text of its own; some collapsed."""
    number = 0
    groups: Groups = []
    for _ in range(draw(st.integers(1, 3))):
        rows = []
        for _ in range(draw(st.integers(1, 4))):
            cells = []
            for _ in range(draw(st.integers(0, 4))):
                number += 1
                down = draw(st.sampled_from([0, 1, 1, 1, 2, 3, 9]))
                cells.append(Cell(f"{number}", colspan=draw(SPANS), rowspan=down))
            rows.append(Row(cells, draw(st.sampled_from([True, True, True, False]))))
        groups.append(rows)
    return groups


def slots_of(groups: Groups) -> Slots:
    """Return what covers each slot of the grid, as the standard's algorithm says step by step."""
    slots: Slots = defaultdict(list)
    top = 0
    for group in groups:
        for y, row in enumerate(group, top):
            x = 0
            for cell in row.cells:
                while slots[y, x]:
                    x += 1
                height = cell.rowspan or len(group)
                for down in range(y, min(y + height, top + len(group))):
                    for across in range(x, x + cell.colspan):
                        slots[down, across].append(cell)
                x += cell.colspan
        top += len(group)
    return {slot: cells for slot, cells in slots.items() if cells}


def seen_of(groups: Groups, collapsed: set[int]) -> list[list[list[Cell]]]:
    """Return the cells at each place of the rows and columns shown in which some cell begins."""
    shown = [row.shown for group in groups for row in group]
    slots = {
        (y, x): cells
        for (y, x), cells in slots_of(groups).items()
        if shown[y] and x not in collapsed
    }
    rows: set[int] = set()
    columns: set[int] = set()
    for cell in {cell for cells in slots.values() for cell in cells}:
        places = [slot for slot, cells in slots.items() if cell in cells]
        rows.add(min(y for y, _ in places))
        columns.add(min(x for _, x in places))
    return [[slots.get((y, x), []) for x in sorted(columns)] for y in sorted(rows)]


@given(groups=groups_of_rows(), collapsed=st.sets(st.integers(0, 5), max_size=2))
def test_every_slot_has_the_cells_that_the_standard_puts_there(
    groups: Groups, collapsed: set[int]
) -> None:
    """A cell that lies over another has the texts of both, in all places of either."""
    grid = [[cell.text for cell in row] for row in spread_rows(place(groups, collapsed))]
    expected = seen_of(groups, collapsed)
    laid_over = {id(cell) for row in expected for cells in row if len(cells) > 1 for cell in cells}
    assert len(grid) == len(expected)
    for texts, row in zip(grid, expected, strict=True):
        assert not any(row[len(texts) :])
        for text, cells in zip(texts, row, strict=False):
            if any(id(cell) in laid_over for cell in cells):
                assert " / " in text
                assert {cell.text for cell in cells} <= set(
                    text.removesuffix(LAID_OVER).split(" / ")
                )
            else:
                assert text == "".join(cell.text for cell in cells)


@pytest.mark.parametrize(
    ("printed", "columns", "rows"),
    [
        (None, 1, 1), ("", 1, 1), ("2", 2, 2), ("2;", 2, 2), (" \t+3px", 3, 3), ("0", 1, 0),
        ("-1", 1, 1), ("two", 1, 1), ("1.9", 1, 1), ("2e1", 2, 2), ("007", 7, 7), ("٢", 1, 1),
        ("1001", 1_000, 1_001), ("70000", 1_000, 65_534), ("9" * 5_000, 1_000, 65_534),
    ],
)  # fmt: skip
def test_a_span_is_read_by_the_standard_s_rules_for_integers(
    printed: str | None, columns: int, rows: int
) -> None:
    assert read_span(printed) == columns
    assert read_span(printed, of_rows=True) == rows

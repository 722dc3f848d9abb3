"""Text and tables that fit a width: words are wrapped, and nothing is cut."""

from collections.abc import Iterator, Sequence
from textwrap import TextWrapper
from typing import Any

WIDTH = 80
_GAP = "  "  # between two columns, where there is room


def wrapped(text: str, indent: int = 0, first: int | None = None) -> list[str]:
    """Return text in lines of at most 80 characters.

    Args:
        text: the text.
        indent: spaces before each line.
        first: spaces before the first line, if they differ.
    """
    wrapper = TextWrapper(
        WIDTH,
        initial_indent=" " * (indent if first is None else first),
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
    )
    return wrapper.wrap(text)


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]], indent: int = 2) -> list[str]:
    """Return a table in lines of at most 80 characters; numbers are flush right."""
    cells = [[_text(value) for value in row] for row in rows]
    is_number = [
        all(value is None or not isinstance(value, str) for value in column)
        for column in zip(*rows, strict=True)
    ]
    names = [name.replace("_", " ") for name in columns]
    longest = [
        (max(map(len, column)), max(len(word) for cell in column for word in cell.split() or [""]))
        for column in zip(names, *cells, strict=True)
    ]
    room = WIDTH - indent
    wide = _fitted(longest, room, len(_GAP))
    gap, widths = (
        (_GAP, wide) if wide else (" ", _fitted(longest, room, 1) or _squeezed(longest, room))
    )
    return [
        (" " * indent + line).rstrip()
        for row in (names, *cells)
        for line in _lines(row, widths, is_number, gap)
    ]


def _fitted(longest: Sequence[tuple[int, int]], room: int, gap: int) -> list[int] | None:
    """Return widths with which the table fits and no word is broken, or None if there are none."""
    room -= gap * (len(longest) - 1)
    widths = [cell for cell, _ in longest]
    while sum(widths) > room:
        spare = [width - word for width, (_, word) in zip(widths, longest, strict=True)]
        if max(spare) == 0:
            return None
        widths[max(range(len(widths)), key=lambda at: (spare[at] > 0, widths[at]))] -= 1
    return widths


def _squeezed(longest: Sequence[tuple[int, int]], room: int) -> list[int]:
    """Return widths with which the table fits, though the longest words are broken."""
    widths = [word for _, word in longest]
    while sum(widths) > room - len(widths) + 1:
        widths[widths.index(max(widths))] -= 1
    return widths


def _lines(
    row: Sequence[str], widths: Sequence[int], right: Sequence[bool], gap: str
) -> Iterator[str]:
    """Yield the lines of one row; a cell that is too wide has several."""
    parts = [
        TextWrapper(width, break_on_hyphens=False).wrap(cell) or [""]
        for cell, width in zip(row, widths, strict=True)
    ]
    for number in range(max(map(len, parts))):
        texts = [part[number] if number < len(part) else "" for part in parts]
        yield gap.join(
            text.rjust(width) if flush else text.ljust(width)
            for text, width, flush in zip(texts, widths, right, strict=True)
        )


def _text(value: object) -> str:
    return "" if value is None else str(value)

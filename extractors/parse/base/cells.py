"""The text of a table's cell: what is seen of it, without the marks of footnotes.

A number is printed in one look. What stands behind it raised or lowered, smaller or in a link of
its own is the mark of a footnote if it is short, and is left out. If it is not, it may be a part of
the number or not: then a caret marks the place, so that it is set aside as no amount.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from extractors.parse.base.blocks import fold

_AMOUNT = re.compile(r"[-–−+(]?\s*(?:US\s?\$|USD|\$)?\s*[-–−]?[0-9][0-9,.\s]*\)?\s*%?")
_NO_AMOUNT = re.compile(r"[-–—−]{1,2}|n/?a|n\.a\.?", re.IGNORECASE)
_MARK = re.compile(
    r"[(\[{]*(?:[*†‡§¶#°ª]{1,4}|[0-9]{1,3}|[a-z]|[ivx]{1,4})[)\]}.:]*", re.IGNORECASE
)
_BETWEEN_MARKS = re.compile(r"[\s,;/]+")
_LONGEST_MARKED = 80  # characters
_MOST_DIGITS = 3
_SMALLER = 0.95
# Decimals or thousands, rather than the mark of a footnote.
_SEPARATED = re.compile(r"[.,][0-9]")
_CENTS = re.compile(r"[0-9]{2}")  # or the mark of a footnote
_UNCLEAR = "^"
_LINE_END = re.compile(r"\r\n?|\n")
USUAL_SIZE = 16.0  # CSS pixels


class Look(NamedTuple):
    """How a text looks.

    Attributes:
        shown: whether it is seen: visible, not sealed, and of some size.
        visible: whether its `visibility` is so.
        sealed: whether it is struck, or transparent with all that stands in it.
        size: of its font, in CSS pixels; what counts is how sizes compare.
        height: 1 if it is raised, -1 if it is lowered.
        href: the link that it stands in.
        of_class: the class of an element in the line, of which the page's own styles say nothing.
        keeps_lines: whether its line ends are shown.
    """

    shown: bool = True
    visible: bool = True
    sealed: bool = False
    size: float = USUAL_SIZE
    height: int = 0
    href: str | None = None
    of_class: str | None = None
    keeps_lines: bool = False


NORMAL = Look()

Run = tuple[str, Look]


def join_lines(lines: Sequence[str]) -> str:
    """Join the lines of a cell with blanks, or with slashes if several of them are amounts.

    Two amounts joined by a blank would read as one with a blank between its thousands, a dash and
    an amount as one below zero.
    """
    if len(lines) == 1:
        return lines[0]
    amounts = sum(_AMOUNT.fullmatch(line) is not None for line in lines)
    values = amounts + sum(_NO_AMOUNT.fullmatch(line) is not None for line in lines)
    return (" / " if amounts and values > 1 else " ").join(lines)


def line_of(runs: Sequence[Run]) -> str:
    """Return the text of a line as it is seen, without the marks of footnotes.

    A mark with digits that stands alone may be a number after all, and keeps its caret.
    """
    first = runs[0][1]
    if not first.height and all(look is first or look == first for _, look in runs):
        return fold("".join(text for text, _ in runs))
    merged = _merged(runs)
    texts: list[str] = []
    end = mark = ""  # the end of the text so far: more than what can have a mark behind it
    main: Look | None = None  # the look of the text before
    for (run, look), behind in zip(merged, _texts_behind(merged), strict=True):
        folded, before = fold(run), end.strip()
        shown = run
        if folded and _is_mark(before, folded, behind, look, main):
            shown = " "  # so that what follows is no part of the number
            mark = mark or folded
        elif folded:
            meets = before[-1:].isdigit() or _NO_AMOUNT.fullmatch(before) is not None
            if meets and folded[:1].isdigit() and main is not None and look != main:
                shown = _UNCLEAR + run
            main = look
        texts.append(shown)
        end = _folded_within(end + shown)[-_LONGEST_MARKED - 3 :]
    alone = _UNCLEAR + mark if main is None and any(map(str.isdigit, mark)) else ""
    return fold("".join(texts)) or alone


def is_mark_alone(text: str) -> bool:
    """Return whether a text is nothing but the mark of a footnote, or a number that looks so."""
    return text.startswith(_UNCLEAR)


def _merged(runs: Sequence[Run]) -> list[Run]:
    """Join neighbours of one look."""
    return [
        ("".join(text for text, _ in group), look)
        for look, group in groupby(runs, key=itemgetter(1))
    ]


def _texts_behind(runs: Sequence[Run]) -> list[str]:
    """Return, for each run, the first two characters of the text behind it."""
    behind: list[str] = []
    ahead = ""  # with a blank before it, perhaps
    for text, _ in reversed(runs):
        behind.append(ahead.strip()[:2])
        ahead = _folded_within(text + ahead)[:3]
    return behind[::-1]


def _folded_within(text: str) -> str:
    """Return a text folded, with a blank at an edge where it had some."""
    return fold(f"|{text}|")[1:-1]


def _is_mark(before: str, run: str, behind: str, look: Look, main: Look | None) -> bool:
    """Return whether a run is the mark of a footnote to what stands before it."""
    if len(before) > _LONGEST_MARKED or not _may_be_mark(run, is_raised=look.height != 0):
        return False
    is_raised = look.height != 0 and (main is None or look.height != main.height)
    if main is None:  # with nothing before it, it is a mark only if it is raised
        return is_raised
    is_linked = look.href is not None and look.href != main.href
    is_smaller = look.size < _SMALLER * main.size
    if _AMOUNT.fullmatch(before) or _NO_AMOUNT.fullmatch(before):
        goes_on = behind[:1].isdigit() or _SEPARATED.match(behind) is not None
        may_be_digits = not is_linked and _CENTS.fullmatch(run) and "." not in before
        is_power = before == "10"
        return (is_raised or is_linked or is_smaller) and not (goes_on or may_be_digits or is_power)
    if is_raised:
        return behind[:1] in {"", "("}
    is_glued = before[-1:].isalpha() and (is_smaller or look.of_class != main.of_class)
    return not behind and (is_glued or (is_linked and "#" in (look.href or "")))


def _may_be_mark(run: str, *, is_raised: bool) -> bool:
    """Return whether a run is short enough for a mark, or marks with commas between them.

    Three digits are thousands unless they are raised.
    """
    marks = list(filter(None, _BETWEEN_MARKS.split(run)))
    digits = _MOST_DIGITS if is_raised and len(marks) == 1 else _MOST_DIGITS - 1
    return (
        bool(marks)
        and _SEPARATED.match(run) is None
        and all(_MARK.fullmatch(mark) and sum(map(str.isdigit, mark)) <= digits for mark in marks)
    )


class CellLines:
    """The lines of a cell; the last is open."""

    def __init__(self) -> None:
        self.finished: list[str] = []
        self._runs: list[Run] = []

    def add(self, text: str, look: Look) -> None:
        """Add a text to the open line, if it is seen."""
        if not look.shown:
            return
        if look.keeps_lines:
            *ended, text = _LINE_END.split(text)
            for line in ended:
                self._runs.append((line, look))
                self.end()
        self._runs.append((text, look))

    def end(self, is_block: bool = True) -> None:
        """End the open line, unless an element that began or ended within a line did."""
        if is_block and self._runs:
            if text := line_of(self._runs):
                self.finished.append(text)
            self._runs.clear()

    def text(self) -> str:
        """Return the text of all lines."""
        self.end()
        if len(self.finished) > 1:
            self.finished = [line for line in self.finished if not is_mark_alone(line)]
        return join_lines(self.finished) if self.finished else ""


def text_of(runs: Iterable[Run]) -> str:
    """Return the text of a cell as it is seen: its lines, without the marks of footnotes."""
    lines = CellLines()
    for text, look in runs:
        lines.add(text, look)
    return lines.text()

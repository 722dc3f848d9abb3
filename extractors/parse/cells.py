"""The text of a table's cell: what is seen of it, without the marks of footnotes.

A number is printed in one look. What stands behind it raised or lowered, smaller or in a link of
its own is the mark of a footnote if it is short, and is left out. If it is not, it may be a part of
the number or not: then a caret marks the place, so that it is set aside as no amount.
"""

import re
from collections.abc import Sequence

from extractors.parse.blocks import fold
from extractors.parse.looks import Look

Run = tuple[str, Look]

_AMOUNT = re.compile(r"[-–−+(]?\s*(?:US\s?\$|USD|\$)?\s*[-–−]?[0-9][0-9,.\s]*\)?\s*%?")
_NO_AMOUNT = re.compile(r"[-–—−]{1,2}|n/?a|n\.a\.?", re.IGNORECASE)
_MARK = re.compile(
    r"[(\[{]*(?:[*†‡§¶#°ª]{1,4}|[0-9]{1,3}|[a-z]|[ivx]{1,4})[)\]}.:]*", re.IGNORECASE
)
_BETWEEN_MARKS = re.compile(r"[\s,;/]+")
_LONGEST_MARKED = 80  # characters
_RAISED_DIGITS, _OTHER_DIGITS = 3, 2
_SMALLER = 0.95
# What stands before is a footnote's number rather than decimals or thousands.
_SEPARATED = re.compile(r"[.,][0-9]")
_UNCLEAR = "^"


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
    """Return the text of a line as it is seen, without the marks of footnotes."""
    first = runs[0][1]
    if not first.height and all(look is first or look == first for _, look in runs):
        return fold("".join(text for text, _ in runs))
    text = ""
    main: Look | None = None  # the look of the text before
    for at, (run, look) in enumerate(merged := _merged(runs)):
        folded = fold(run)
        if not folded:
            text += run
            continue
        before = fold(text)
        behind = fold("".join(following for following, _ in merged[at + 1 :]))
        if _is_mark(before, folded, behind, look, main):
            text += " "  # so that what follows is no part of the number
            continue
        meets = before[-1:].isdigit() and folded[:1].isdigit()
        if meets and main is not None and look != main:
            text += _UNCLEAR
        text += run
        main = look
    return fold(text)


def _merged(runs: Sequence[Run]) -> list[Run]:
    """Join neighbours of one look."""
    merged: list[Run] = []
    for text, look in runs:
        if merged and merged[-1][1] == look:
            merged[-1] = (merged[-1][0] + text, look)
        else:
            merged.append((text, look))
    return merged


def _is_mark(before: str, run: str, behind: str, look: Look, main: Look | None) -> bool:
    """Return whether a run is the mark of a footnote to what stands before it."""
    digits = _RAISED_DIGITS if look.height else _OTHER_DIGITS
    marks = list(filter(None, _BETWEEN_MARKS.split(run)))
    is_short = all(
        _MARK.fullmatch(mark) and sum(map(str.isdigit, mark)) <= digits for mark in marks
    )
    if not marks or not is_short or _SEPARATED.match(run):
        return False
    is_raised = look.height != 0 and (main is None or look.height != main.height)
    if main is None:  # nothing before it: a footnote's number only if it is raised
        return is_raised
    of_number = (_AMOUNT.fullmatch(before) or _NO_AMOUNT.fullmatch(before)) is not None
    if of_number and (behind[:1].isdigit() or _SEPARATED.match(behind)):
        return False
    if is_raised:
        return of_number or (len(before) <= _LONGEST_MARKED and behind[:1] in {"", "("})
    is_linked = look.href is not None and look.href != main.href
    if of_number:
        return is_linked or look.size < _SMALLER * main.size
    is_note = is_linked and "#" in (look.href or "")
    return not behind and len(before) <= _LONGEST_MARKED and is_note


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
            *ended, text = text.split("\n")
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
        return join_lines(self.finished) if self.finished else ""

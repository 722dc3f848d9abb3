"""Text for a terminal or a log: untrusted text made safe, and numbers of things."""

import unicodedata
from itertools import pairwise
from typing import TextIO, cast

_LINE_FEED, _TAB = 0x0A, 0x09
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
_DIRECTION_MARKS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
# As JSON escapes, which keep their meaning inside JSON text.
STEERING = {code: f"\\u{code:04x}" for code in (*_CONTROLS, *_DIRECTION_MARKS)}
_ALL_BUT_LINES = {code: text for code, text in STEERING.items() if code not in {_LINE_FEED, _TAB}}


def shown(text: str) -> str:
    """Escape control characters, line breaks and marks that change the direction of text."""
    return text.translate(STEERING)


def shown_help(text: str) -> str:
    """Return DuckDB's message with its lines, escaped; the mark below a query stays in place.

    DuckDB counts a tab or a control character as nothing, a terminal as something.
    """
    lines = text.splitlines()
    for at, (line, mark) in enumerate(pairwise(lines)):
        if line.startswith("LINE ") and set(mark.strip()) == {"^"}:
            lines[at + 1] = " " * _escaped_before(line, mark.index("^")) + mark
            lines[at] = line.translate(dict.fromkeys(STEERING, " "))
    return "\n".join(map(shown, lines))


def _escaped_before(line: str, column: int) -> int:
    """Return how many control characters stand before a column of the terminal."""
    used = count = 0
    for sign in line:
        if ord(sign) in STEERING:
            count += 1
        elif used >= column:
            break
        else:
            used += text_width(sign)
    return count


def text_width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(sign: str) -> int:
    if unicodedata.category(sign) in {"Mn", "Me", "Cf"}:  # drawn on the sign before, or not at all
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number of things in words: `1 row`, `2 rows`."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


class SafeStream:
    """A text stream that escapes control characters, except line feeds and tabs."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        """Write text, escaped."""
        return self._out.write(text.translate(_ALL_BUT_LINES))

    def flush(self) -> None:
        """Flush the underlying stream."""
        self._out.flush()


def shown_on(out: TextIO) -> TextIO:
    """Return a stream that escapes control characters and writes to `out`."""
    return cast("TextIO", SafeStream(out))

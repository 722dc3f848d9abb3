"""Text of pages, names of files and the like, as a terminal or a log may show them."""

from typing import TextIO, cast

_LINE_FEED, _TAB = 0x0A, 0x09
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
_OF_DIRECTION = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
# By number, as JSON has them too: within a JSON text they mean what they did.
STEERING = {code: f"\\u{code:04x}" for code in (*_CONTROLS, *_OF_DIRECTION)}
_BUT_LINES = {code: text for code, text in STEERING.items() if code not in {_LINE_FEED, _TAB}}


def shown(text: str) -> str:
    """One line, in which nothing steers a terminal, begins a line or turns the order of letters."""
    return text.translate(STEERING)


class SafeStream:
    """A stream of lines that lets nothing through that steers a terminal."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        """Write a text, what steers as its number."""
        return self._out.write(text.translate(_BUT_LINES))

    def flush(self) -> None:
        """Hand on what was written."""
        self._out.flush()


def shown_on(out: TextIO) -> TextIO:
    """A stream of lines for people."""
    return cast("TextIO", SafeStream(out))

"""Untrusted text (from pages, file names) made safe for a terminal or a log."""

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

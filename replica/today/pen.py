"""A pen for scripts: quotes, names and line ends as one script has them, plain or minified."""

import re
from collections.abc import Iterable

from replica.books.dice import Dice

_STRINGS = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)""")
_AROUND = re.compile(r"\s*([=+\-*/,;:{}()\[\]<>?&|!])\s*")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Pen:
    """The hand in which one script is written; its lines end where a statement may end."""

    def __init__(self, dice: Dice, *, minified: bool) -> None:
        self.dice = dice
        self.minified = minified
        self._quote = dice.pick("\"'")
        self.declare = dice.pick(("const", "var", "let"))
        self._names: dict[str, str] = {}
        self._lines: list[str] = []

    def text(self, value: str) -> str:
        """Return a string literal."""
        return f"{self._quote}{value}{self._quote}"

    def pieces(self, value: str) -> str:
        """Return a string cut at a slash or comma into a sum of literals, or whole."""
        cuts = [
            at for at, letter in enumerate(value) if letter in "/,:" and 0 < at < len(value) - 1
        ]
        if not cuts or self.dice.chance(0.4):
            return self.text(value)
        at = self.dice.pick(cuts) + 1
        return f"{self.text(value[:at])} + {self.text(value[at:])}"

    def array(self, values: Iterable[str]) -> str:
        """Return an array of string literals."""
        return f"[{', '.join(map(self.text, values))}]"

    def name(self, words: str) -> str:
        """Return the name of a variable or function; a minified script has short ones."""
        if not self.minified:
            first, *rest = words.split()
            return first + "".join(word.capitalize() for word in rest)
        if words not in self._names:
            high, low = divmod(len(self._names), len(_LETTERS))
            self._names[words] = "_" * high + _LETTERS[low]
        return self._names[words]

    def write(self, block: str) -> None:
        """Add a block of whole statements."""
        self._lines += block.strip("\n").splitlines()

    def script(self) -> str:
        """Return all that was written; minified, on one line without comments."""
        if not self.minified:
            return "\n".join(self._lines) + "\n"
        lines = (line.strip() for line in self._lines)
        code = "".join(line for line in lines if not line.startswith("//"))
        return "".join(
            part if at % 2 else _AROUND.sub(r"\1", part)
            for at, part in enumerate(_STRINGS.split(code))
        )

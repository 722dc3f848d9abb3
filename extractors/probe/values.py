"""The values of expressions as far as a script's text tells them.

An expression may have several values: both branches of a condition, the arguments of each call of
a function. Each value carries the choices that lead to it, so that a method from one call is never
joined to the columns of another. An expression that cannot be resolved is a hole, which has the
expression's source text for its name.
"""

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from extractors.probe.javascript import Binding, Node, Scope

API = re.compile(r"(?:api|rest)(?:/|$)", re.IGNORECASE)
MOST_VALUES = 100  # of one expression
LONGEST_TEXT = 4096  # characters
_MOST_PIECES = 200  # of a text, holes and what stands between them
_LONGEST_NAME = 60  # characters
_BRACES = str.maketrans("{}", "()")


class Key(NamedTuple):
    """The place that holds a value: a binding and the properties that lead on from there."""

    binding: "Binding"
    path: tuple[str, ...] = ()

    def property(self, name: str) -> "Key":
        """Return the place of a property of what this place holds."""
        return Key(self.binding, (*self.path, name))


class Hole(NamedTuple):
    """A part of a text that is known only when the script runs."""

    name: str
    key: Key | None = None


@dataclass(eq=False, frozen=True, slots=True)
class Frame:
    """The arguments of one call of a function, and those of the functions around it."""

    function: "Scope"
    arguments: tuple["Thunk", ...]
    outer: "Frame | None"
    depth: int


class Text(NamedTuple):
    """A string, or a number as it is written; each hole stands between the texts around it."""

    pieces: tuple[str | Hole, ...]


class Lazy(NamedTuple):
    """An expression to evaluate when it is asked for; or each element of the array that it is."""

    node: "Node"
    scope: "Scope"
    frame: Frame | None = None
    kind: Literal["whole", "each"] = "whole"


class Items(NamedTuple):
    """An array."""

    elements: tuple["Thunk", ...]


class Record(NamedTuple):
    """An object: object literals, of which a later one overrides an earlier one."""

    parts: tuple[Lazy, ...]
    key: Key | None = None


class Closure(NamedTuple):
    """A function."""

    function: "Scope"
    frame: Frame | None = None


Value: TypeAlias = Text | Items | Record | Closure
Thunk: TypeAlias = Lazy | Value
Choices: TypeAlias = frozenset[tuple[Hashable, int]]
NO_CHOICES: Choices = frozenset()


class Alternative(NamedTuple):
    """A value and the choices that lead to it."""

    value: Value
    choices: Choices = NO_CHOICES


class Alternatives(NamedTuple):
    """The values that an expression may have; `is_cut` if a limit dropped some."""

    each: tuple[Alternative, ...]
    is_cut: bool = False

    @property
    def has_known(self) -> bool:
        """Return whether any value is more than a hole."""
        return any(hole_of(value) is None for value, _ in self.each)


NOTHING = Alternatives(())


def text(characters: str) -> Alternatives:
    """Return the value of a string whose characters are known."""
    if len(characters) > LONGEST_TEXT:
        return Alternatives((Alternative(Text((characters[:LONGEST_TEXT],))),), is_cut=True)
    return one(Text((characters,) if characters else ()))


def one(value: Value) -> Alternatives:
    """Return the alternatives of an expression that has one value."""
    return Alternatives((Alternative(value),))


def hole(source: str, key: Key | None = None) -> Alternatives:
    """Return the value of an expression that cannot be resolved."""
    return one(Text((Hole(hole_name(source), key),)))


def hole_name(source: str) -> str:
    """Return the name of a hole: the expression on one line, shortened, without braces."""
    name = " ".join(source[: 4 * _LONGEST_NAME].split()).translate(_BRACES)
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def hole_of(value: Value) -> Hole | None:
    """Return the hole if the value is nothing else."""
    if isinstance(value, Text) and len(value.pieces) == 1 and isinstance(value.pieces[0], Hole):
        return value.pieces[0]
    return None


def first(values: Alternatives) -> Value | None:
    """Return the first of the values."""
    return values.each[0].value if values.each else None


def plain(value: Value | None) -> str | None:
    """Return the characters of a text without holes."""
    if not isinstance(value, Text) or any(isinstance(piece, Hole) for piece in value.pieces):
        return None
    return "".join(piece for piece in value.pieces if isinstance(piece, str))


def joined_texts(texts: Sequence[Text]) -> Text | None:
    """Return the texts as one, or None if it would be too long."""
    pieces: list[str | Hole] = []
    length = 0
    for piece in chain.from_iterable(part.pieces for part in texts):
        length += len(piece) if isinstance(piece, str) else len(piece.name)
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    is_short = length <= LONGEST_TEXT and len(pieces) <= _MOST_PIECES
    return Text(tuple(pieces)) if is_short else None


def names_api(value: Text) -> bool:
    """Return whether a text has an API's segment in it."""
    return any(isinstance(piece, str) and API.search(piece) for piece in value.pieces)


def together(left: Choices, right: Choices) -> Choices | None:
    """Return both choices, or None if they contradict each other."""
    if not left or left == right:
        return right
    if not right:
        return left
    both = left | right
    return both if len({point for point, _ in both}) == len(both) else None


def choose(alternatives: Iterable[Alternatives], point: Hashable) -> Alternatives:
    """Return all the alternatives; each of the given ones is another option at one point."""
    each: list[Alternative] = []
    is_cut = False
    for option, values in enumerate(alternatives):
        is_cut |= values.is_cut
        for value, choices in values.each:
            both = together(choices, frozenset({(point, option)}))
            if both is not None:
                each.append(Alternative(value, both))
    return Alternatives(tuple(each[:MOST_VALUES]), is_cut or len(each) > MOST_VALUES)


def union(*alternatives: Alternatives) -> Alternatives:
    """Return all the alternatives, without duplicates."""
    each = tuple(dict.fromkeys(chain.from_iterable(values.each for values in alternatives)))
    is_cut = any(values.is_cut for values in alternatives)
    return Alternatives(each[:MOST_VALUES], is_cut or len(each) > MOST_VALUES)


def with_choices(values: Alternatives, choices: Choices) -> Alternatives:
    """Return the values that are possible together with other choices."""
    if not choices:
        return values
    each = (
        Alternative(value, both)
        for value, more in values.each
        if (both := together(more, choices)) is not None
    )
    return Alternatives(tuple(each), values.is_cut)


def known_first(values: Alternatives) -> Alternatives:
    """Return the values without holes, if there are others."""
    if not values.has_known:
        return values
    return values._replace(each=tuple(each for each in values.each if hole_of(each.value) is None))


def cut_if(values: Alternatives, is_cut: bool) -> Alternatives:
    """Return the values; say that a limit dropped some if it did."""
    return values._replace(is_cut=True) if is_cut else values

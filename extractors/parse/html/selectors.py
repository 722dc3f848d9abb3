"""Selectors of a page's own style sheets, matched in time that grows with the page alone.

Lexbor matches each part of a selector that has no combinator. What stands between the parts is
followed here, since lexbor tries every combination of ancestors: a page that is nested deep would
take minutes.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import tinycss2
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from extractors.page_kinds import PageRefusedError

Specificity = tuple[int, int, int]
_MOST_STEPS = 20_000_000
_COMBINATORS = frozenset(">+~")
_OLD_PSEUDO_ELEMENTS = frozenset({"before", "after", "first-line", "first-letter"})
# What no element of a page is that nobody has touched; lexbor does not know these.
_NEVER = frozenset(
    {"visited", "target", "focus-within", "focus-visible", "host", "target-within", "fullscreen",
     "popover-open", "modal", "autofill"}
)  # fmt: skip
# Selectors that are compared with every sibling or descendant.
_COSTLY = ("nth-", "has", "only-of-type", "first-of-type", "last-of-type")


class Selector(NamedTuple):
    """One selector: parts without combinators, each with the combinator before it."""

    parts: tuple[tuple[str, str], ...]
    specificity: Specificity
    costly: bool


class UnknownSelectorError(ValueError):
    """A selector that no browser knows: it makes all of its rule void."""


def parse_selectors(prelude: Sequence[Any]) -> list[Selector]:
    """Return the selectors of a rule that can match elements.

    Args:
        prelude: tinycss2's component values before a rule's block.
    """
    selectors = []
    for tokens in split_selectors(prelude):
        parts = tuple(_parts(tokens))
        if any(_never_matches(part) for _, part in parts):
            continue
        texts = tuple((combinator, tinycss2.serialize(part)) for combinator, part in parts)
        names = [name for _, part in parts for name in _pseudo_classes(part)]
        costly = any(name.startswith(_COSTLY) for name in names) or _holds_combinators(tokens)
        selectors.append(Selector(texts, _specificity(tokens), costly))
    return selectors


def split_selectors(tokens: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield the parts between commas."""
    part: list[Any] = []
    for value in tokens:
        if value == ",":
            yield part
            part = []
        elif value.type != "comment":
            part.append(value)
    yield part


def _parts(tokens: Sequence[Any]) -> Iterator[tuple[str, list[Any]]]:
    combinator, part = "", list[Any]()
    for token in tokens:
        is_sign = token.type == "literal" and token.value in _COMBINATORS
        if not is_sign and token.type != "whitespace":
            part.append(token)
            continue
        if part:
            yield combinator, part
            combinator, part = " ", []
        if is_sign:
            combinator = token.value
    if part:
        yield combinator, part


def _pseudo_classes(tokens: Sequence[Any]) -> Iterator[str]:
    for colon, token in pairwise(tokens):
        if colon == ":" and token.type in {"ident", "function"}:
            yield token.lower_value if token.type == "ident" else token.lower_name


def _never_matches(part: Sequence[Any]) -> bool:
    names = set(_pseudo_classes(part))
    elements = any(a == ":" and b == ":" for a, b in pairwise(part))
    return elements or not names.isdisjoint(_OLD_PSEUDO_ELEMENTS | _NEVER)


def _holds_combinators(tokens: Sequence[Any]) -> bool:
    """Return whether an argument, as of `:not(a b)`, is more than one part."""
    arguments = [token.arguments for token in tokens if token.type == "function"]
    return any(
        len(list(_parts(part))) > 1 for found in arguments for part in split_selectors(found)
    )


def _specificity(tokens: Sequence[Any]) -> Specificity:
    ids = classes = types = 0
    before = None
    for token in tokens:
        if token.type == "hash":
            ids += 1
        elif token.type == "[] block" or (token.type == "ident" and before in {".", ":"}):
            classes += 1
        elif token.type == "ident":
            types += 1
        elif token.type == "function" and token.lower_name in {"is", "not", "has"}:
            most = max(map(_specificity, split_selectors(token.arguments)))
            ids, classes, types = ids + most[0], classes + most[1], types + most[2]
        elif token.type == "function" and token.lower_name != "where":
            classes += 1
        before = token.value if token.type == "literal" else None
    return ids, classes, types


class Matcher:
    """The elements of one page, and the selectors that they match."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._tree = tree
        nodes = tree.css("*")
        self._ids = [node.mem_id for node in nodes]
        self._places = {mem_id: place for place, mem_id in enumerate(self._ids)}
        self._parents = [
            self._places.get(node.parent.mem_id, -1) if node.parent else -1 for node in nodes
        ]
        self._steps = 0

    def match(self, selector: Selector) -> list[int]:
        """Return the `mem_id` of each element that matches.

        Raises:
            UnknownSelectorError: no browser knows the selector.
            PageRefusedError: matching all selectors of the page would take minutes.
        """
        matched: set[int] = set()
        for combinator, part in selector.parts:
            found = self._part(part, costly=selector.costly)
            matched = found & self._related(combinator, matched) if combinator else found
        return [self._ids[place] for place in matched]

    def _part(self, part: str, *, costly: bool) -> set[int]:
        size = len(self._ids)
        self._steps += size * size // 50 if costly else size
        if self._steps > _MOST_STEPS:
            raise PageRefusedError(
                "style_too_costly", "its style sheets have more selectors than can be matched", part
            )
        try:
            return {self._places[node.mem_id] for node in self._tree.css(part)}
        except SelectolaxError as error:
            raise UnknownSelectorError(part) from error

    def _related(self, combinator: str, matched: set[int]) -> set[int]:
        """Return the places that stand to one of those matched as a combinator says."""
        self._steps += len(self._ids)
        parents = self._parents
        if combinator == ">":
            return {place for place, parent in enumerate(parents) if parent in matched}
        related: set[int] = set()
        if combinator == " ":
            for place, parent in enumerate(parents):  # parents come first
                if parent in matched or parent in related:
                    related.add(place)
            return related
        before: dict[int, bool] = {}  # by parent: whether the last child, or some child, matched
        for place, parent in enumerate(parents):
            if before.get(parent):
                related.add(place)
            before[parent] = place in matched or (combinator == "~" and before.get(parent, False))
        return related

"""What JavaScript's own functions, and a few of jQuery's and Drupal's, do to a text or list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from extractors.probe.javascript import (
    Node,
    Scope,
    arguments_of,
    name_of,
    property_name,
    source_of,
    unwrapped,
)
from extractors.probe.values import (
    NOTHING,
    Alternative,
    Alternatives,
    Closure,
    Frame,
    Hole,
    Items,
    Lazy,
    Record,
    Text,
    Thunk,
    Value,
    first,
    hole,
    hole_of,
    one,
    plain,
    text,
    together,
    union,
)

if TYPE_CHECKING:
    from extractors.probe.evaluate import Evaluator

# They return their first argument, as far as a URL is concerned.
_SAME_FUNCTIONS = frozenset(
    {"encodeURIComponent", "encodeURI", "decodeURIComponent", "decodeURI", "escape", "String",
     "Number", "parseInt", "checkPlain", "raw", "freeze", "from", "t"}
)  # fmt: skip
_SAME_OWNERS = frozenset({"Drupal", "Object", "Array", "String", "window", "Number"})
_SAME_CLASSES = frozenset({"URL", "Request", "Headers", "String"})
_SAME_METHODS = frozenset(
    {"toString", "valueOf", "trim", "trimStart", "trimEnd", "filter", "sort", "reverse", "flat",
     "normalize", "toFixed", "get"}
)  # fmt: skip
_EMPTY: dict[str, Value] = {
    "Array": Items(()),
    "Object": Record(()),
    "Headers": Record(()),
    "Map": Record(()),
}
_CASES: dict[str, Callable[[str], str]] = {
    "toLowerCase": str.lower,
    "toUpperCase": str.upper,
    "toLocaleLowerCase": str.lower,
    "toLocaleUpperCase": str.upper,
}
_OF_OBJECTS = ("keys", "values", "entries")
_MERGERS = ("assign", "extend", "merge")
_MOST_SPLIT = 1_000


def known_call(
    evaluator: Evaluator, node: Node, scope: Scope, frame: Frame | None
) -> Alternatives | None:
    """Return the values of a call of a known function; None if it is of another."""
    arguments = arguments_of(node)
    if node.type == "new_expression":
        constructor = node.child_by_field_name("constructor")
        name = name_of(constructor) if constructor else ""
        if name in _EMPTY and not arguments:
            return one(_EMPTY[name])
        if name in _SAME_CLASSES and arguments:
            return evaluator.evaluate(arguments[0], scope, frame)
        return None
    called = node.child_by_field_name("function")
    if called is None:
        return None
    called = unwrapped(called)
    if called.type == "identifier":
        same = name_of(called) in _SAME_FUNCTIONS and not scope.declares(name_of(called))
        return evaluator.evaluate(arguments[0], scope, frame) if same and arguments else None
    if called.type not in ("member_expression", "subscript_expression"):
        return None
    name, inner = property_name(called) or "", called.child_by_field_name("object")
    if inner is None:
        return None
    given = tuple(Lazy(argument, scope, frame) for argument in arguments)
    return _static(evaluator, unwrapped(inner), name, given) or _method(
        evaluator, node, Lazy(inner, scope, frame), name, given
    )


def _static(
    evaluator: Evaluator, inner: Node, name: str, arguments: tuple[Lazy, ...]
) -> Alternatives | None:
    """Return the values of a call such as `Object.keys(x)` or `Drupal.url(path)`."""
    if inner.type != "identifier" or not arguments:
        return None
    owner = name_of(inner)
    if name in _MERGERS and owner in ("Object", "$", "jQuery", "_", "Drupal"):
        return _merged(evaluator, arguments)
    if owner == "Drupal" and name == "url":
        return evaluator.join([text("/"), evaluator.force(arguments[0])])
    if owner == "Object" and name in _OF_OBJECTS:
        return _of_object(evaluator, evaluator.force(arguments[0]), name)
    if owner in _SAME_OWNERS and name in _SAME_FUNCTIONS:
        return evaluator.force(arguments[0])
    return None


def _merged(evaluator: Evaluator, arguments: tuple[Lazy, ...]) -> Alternatives:
    """Return the objects as one."""
    parts: tuple[Lazy, ...] = ()
    key = None
    for argument in arguments:
        for value, _ in evaluator.force(argument).each[:1]:
            if isinstance(value, Record):
                parts += value.parts
                key = key or value.key
    return one(Record(parts, key)) if parts else NOTHING


def _of_object(evaluator: Evaluator, objects: Alternatives, name: str) -> Alternatives | None:
    """Return the keys, values or entries of an object as an array."""
    found: list[Alternative] = []
    for value, choices in objects.each:
        if not isinstance(value, Record):
            continue
        elements: list[Thunk] = []
        for key, values in evaluator.entries(value):
            inner: Value = values.each[0].value if values.each else Text((Hole(key),))
            pair = Items((Text((key,)), inner))
            elements.append({"keys": pair.elements[0], "values": inner}.get(name, pair))
        found.append(Alternative(Items(tuple(elements)), choices))
    return Alternatives(tuple(found), objects.is_cut) if found else None


def _method(
    evaluator: Evaluator, node: Node, inner: Lazy, name: str, arguments: tuple[Lazy, ...]
) -> Alternatives | None:
    """Return the values of a call of a text's or array's method; None if none is known."""
    known = name in ("join", "concat", "map", "split", "replace", "replaceAll", "slice")
    if not (known or name in _CASES or name in _SAME_METHODS):
        return None
    objects = evaluator.force(inner)
    found: list[Alternatives] = []
    is_known = False
    for value, choices in objects.each:
        made = _applied(evaluator, value, name, arguments, inner)
        is_known |= made is not None
        made = made or hole(source_of(node, inner.scope))
        found.append(
            Alternatives(
                tuple(
                    Alternative(result, both)
                    for result, more in made.each
                    if (both := together(choices, more)) is not None
                ),
                made.is_cut or objects.is_cut,
            )
        )
    return union(*found) if is_known else None


def _applied(
    evaluator: Evaluator, value: Value, name: str, arguments: tuple[Lazy, ...], inner: Lazy
) -> Alternatives | None:
    source = source_of(inner.node, inner.scope)
    if name == "get":  # of a Map or of axios; only its argument tells
        return None
    if name in _SAME_METHODS or (name == "slice" and not arguments):
        return one(value)
    if isinstance(value, Text):
        return _text_applied(evaluator, value, name, arguments)
    if not isinstance(value, Items):
        return None
    if name == "join":
        separators = evaluator.force(arguments[0]) if arguments else text(",")
        separator = plain(first(separators))
        return evaluator.join_items(value, "," if separator is None else separator, source)
    if name == "concat":
        return one(Items(value.elements + _elements(evaluator, arguments)))
    if name == "map" and arguments:
        return _mapped(evaluator, value, arguments[0])
    return None


def _elements(evaluator: Evaluator, arguments: tuple[Lazy, ...]) -> tuple[Thunk, ...]:
    """Return the elements that `concat` adds: those of an array, or the value itself."""
    added: list[Thunk] = []
    for argument in arguments:
        inner = first(evaluator.force(argument))
        added += inner.elements if isinstance(inner, Items) else [argument]
    return tuple(added)


def _mapped(evaluator: Evaluator, items: Items, function: Lazy) -> Alternatives | None:
    """Return an array of what a function returns for each element."""
    closure = first(evaluator.force(function))
    if not isinstance(closure, Closure):
        return None
    made: list[Thunk] = []
    for place, element in enumerate(items.elements):
        results = evaluator.apply(closure, (element, Text((str(place),))), function.frame).each
        made.append(
            results[0].value if results else Text((Hole(source_of(function.node, function.scope)),))
        )
    return one(Items(tuple(made)))


def _text_applied(
    evaluator: Evaluator, value: Text, name: str, arguments: tuple[Lazy, ...]
) -> Alternatives | None:
    if name in _CASES:
        change = _CASES[name]
        changed = (change(part) if isinstance(part, str) else part for part in value.pieces)
        return one(Text(tuple(changed)))
    if name == "concat":
        parts = [
            evaluator.as_text(evaluator.force(part), source_of(part.node, part.scope))
            for part in arguments
        ]
        return evaluator.join([one(value), *parts])
    given = [evaluator.force(argument) for argument in arguments]
    old = plain(first(given[0])) if given else None
    if name == "split" and old:
        whole = plain(value)
        if whole is not None:
            return one(Items(tuple(Text((part,)) for part in whole.split(old)[:_MOST_SPLIT])))
    if name in ("replace", "replaceAll") and len(given) == 2:  # noqa: PLR2004
        if old is None or arguments[0].node.type != "string":
            return None if hole_of(value) else one(value)
        return _replaced(evaluator, value, old, given[1])
    return None


def _replaced(
    evaluator: Evaluator, value: Text, old: str, new: Alternatives
) -> Alternatives | None:
    """Return a text with the first occurrence of a string replaced."""
    for place, piece in enumerate(value.pieces):
        if isinstance(piece, str) and old and old in piece:
            before, after = piece.split(old, 1)
            start = one(Text((*value.pieces[:place], before)))
            return evaluator.join(
                [start, evaluator.as_text(new, "…"), one(Text((after, *value.pieces[place + 1 :])))]
            )
    return one(value)

"""The headers that a script gives a request."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.probe.evaluate import Evaluator
from extractors.probe.javascript import (
    Call,
    Node,
    Scope,
    property_name,
    source_of,
    unwrapped,
)
from extractors.probe.program import Program
from extractors.probe.urls import render
from extractors.probe.values import (
    Alternatives,
    Choices,
    Record,
    Text,
    first,
    together,
)

_MOST_HEADERS = 50


@dataclass(frozen=True, slots=True)
class Request:
    """A call of a function that sends a request."""

    call: Call
    called: Node | None
    options: list[Alternatives]


@dataclass(frozen=True, slots=True)
class _Setter:
    """A call of `setRequestHeader`."""

    at: tuple[int, int]
    scope: Scope
    owner: str
    name: Node
    value: Node


class HeaderFinder:
    """The search for the headers of a program's requests."""

    def __init__(self, program: Program, evaluator: Evaluator) -> None:
        self.program = program
        self.evaluator = evaluator
        self.setters = sorted(self._header_setters(), key=lambda setter: setter.at)

    def headers(self, request: Request, choices: Choices) -> tuple[tuple[str, str], ...]:
        """Return the headers of a request, as they are with the choices of its URL."""
        headers: dict[str, str] = {}
        call = request.call
        for options in request.options:
            found = self.evaluator.properties(options, "headers", call.node, call.scope)
            for record, some in found.each:
                if isinstance(record, Record) and together(choices, some) is not None:
                    for name, values in self.evaluator.entries(record):
                        headers[name] = self._text(values, choices)
                    break
        for setter in self._setters_of(request):
            name = self._text(self.evaluator.value_of(setter.name, setter.scope), choices)
            headers[name] = self._text(self.evaluator.value_of(setter.value, setter.scope), choices)
        return tuple(headers.items())[:_MOST_HEADERS]

    def _text(self, values: Alternatives, choices: Choices) -> str:
        """Return the text that goes with the choices."""
        for value, some in values.each:
            if isinstance(value, Text) and together(choices, some) is not None:
                return render(value.pieces)
        any_value = first(values)
        return render(any_value.pieces) if isinstance(any_value, Text) else "{…}"

    def _header_setters(self) -> Iterator[_Setter]:
        for call in self.program.calls:
            called = called_by(call.node)
            is_setter = called is not None and method_name(called) == "setRequestHeader"
            if called is not None and is_setter and len(call.arguments) == 2:  # noqa: PLR2004
                at = (call.scope.script.order, call.node.start_byte)
                inner = called.child_by_field_name("object")
                owner = source_of(inner, call.scope) if inner is not None else ""
                yield _Setter(at, call.scope, owner, call.arguments[0], call.arguments[1])

    def _setters_of(self, request: Request) -> list[_Setter]:
        """Return the headers set within a request's options, or for the object that it opens."""
        index, node = request.call.scope.script.order, request.call.node
        begin = bisect_left(self.setters, (index, node.start_byte), key=lambda setter: setter.at)
        end = bisect_right(self.setters, (index, node.end_byte), key=lambda setter: setter.at)
        found = self.setters[begin:end][:_MOST_HEADERS]
        called = request.called
        inner = called.child_by_field_name("object") if called is not None else None
        if called is None or inner is None or method_name(called) != "open":
            return found
        function, owner = request.call.scope.function, source_of(inner, request.call.scope)
        for setter in self.setters[end : end + _MOST_HEADERS]:
            if setter.scope.function is function and setter.owner == owner:
                found.append(setter)
        return found


def called_by(node: Node) -> Node | None:
    """Return what a call calls, or the class of a new object."""
    called = node.child_by_field_name("function") or node.child_by_field_name("constructor")
    return unwrapped(called) if called is not None else None


def method_name(node: Node) -> str | None:
    """Return the name of the method that a call calls."""
    is_member = node.type in ("member_expression", "subscript_expression")
    return property_name(node) if is_member else None

"""Partial evaluation: the values of an expression, found without running anything.

Each assignment is followed in the order of the text; a condition adds alternatives; a parameter has
the values that the calls of its function give it. Depth and steps are limited, so that a hostile
script costs no more than a large one.
"""

from extractors.probe.javascript import (
    FUNCTIONS,
    Node,
    Scope,
    arguments_of,
    name_of,
    property_name,
    source_of,
    string_of,
    unwrapped,
)
from extractors.probe.known import known_call
from extractors.probe.objects import Objects
from extractors.probe.state import DEEPEST, MOST_STEPS
from extractors.probe.values import (
    MOST_VALUES,
    NOTHING,
    Alternatives,
    Closure,
    Frame,
    Key,
    Lazy,
    Record,
    Thunk,
    choose,
    hole,
    one,
    text,
    union,
    with_choices,
)

_MOST_STEPS_OF_ONE = 10_000
_DEEPEST_CALLS = 4
_CONSTANTS = frozenset({"number", "true", "false", "null", "undefined"})


class Evaluator(Objects):
    """The values of expressions of one program."""

    def value_of(self, node: Node, scope: Scope) -> Alternatives:
        """Return the values of an expression."""
        self._limit = min(self.steps + _MOST_STEPS_OF_ONE, MOST_STEPS)
        return self.evaluate(node, scope)

    def evaluate(self, node: Node, scope: Scope, frame: Frame | None = None) -> Alternatives:
        """Return the values of an expression that is part of another."""
        node = unwrapped(node)
        place = (node.id, self._relevant(frame, scope))
        if found := self._known.get(place):
            return found
        if place in self._active:
            return NOTHING
        self.steps += 1
        if self._depth >= DEEPEST or self.steps > self._limit:
            return hole(source_of(node, scope))._replace(is_cut=True)
        self.used.add(node.id)
        self._active.add(place)
        self._depth += 1
        try:
            values = self._evaluate(node, scope, place[1])
        finally:
            self._depth -= 1
            self._active.discard(place)
        if not values.each:
            values = hole(source_of(node, scope))._replace(is_cut=values.is_cut)
        if self.steps <= self._limit:
            self._known[place] = values
        return values

    def force(self, thunk: Thunk) -> Alternatives:
        """Return the values of an argument, element or property."""
        if not isinstance(thunk, Lazy):
            return one(thunk)
        values = self.evaluate(thunk.node, thunk.scope, thunk.frame)
        return self._elements(values, thunk.node, thunk.scope) if thunk.kind == "each" else values

    def _evaluate(self, node: Node, scope: Scope, frame: Frame | None) -> Alternatives:
        match node.type:
            case "string":
                return text(string_of(node) or "")
            case kind if kind in _CONSTANTS:
                return text(source_of(node, scope))
            case "template_string":
                return self._template(node, scope, frame)
            case "identifier":
                return self.variable(node, scope, frame, node.start_byte)
            case "member_expression" | "subscript_expression":
                return self._member(node, scope, frame)
            case "binary_expression":
                return self._binary(node, scope, frame)
            case "ternary_expression":
                ways = (node.child_by_field_name(way) for way in ("consequence", "alternative"))
                return choose(
                    [self.evaluate(way, scope, frame) for way in ways if way is not None], node.id
                )
            case "array":
                return one(self._array(node, scope, frame))
            case "object":
                return one(Record((Lazy(node, scope, frame),)))
            case "call_expression" | "new_expression":
                return known_call(self, node, scope, frame) or self._call(node, scope, frame)
            case kind if kind in FUNCTIONS:
                function = self.program.functions.get(node.id)
                return one(Closure(function, frame)) if function else NOTHING
            case _:
                return self._last_part(node, scope, frame)

    def _last_part(self, node: Node, scope: Scope, frame: Frame | None) -> Alternatives:
        """Return the values of `this`, or of an expression that has those of a part of it."""
        if node.type == "this":
            return self._this(scope)
        if node.type == "augmented_assignment_expression":
            target = node.child_by_field_name("left")
            if target is not None and target.type == "identifier":
                return self.variable(target, scope, frame, node.end_byte)
        part = node.child_by_field_name("right") if node.type == "assignment_expression" else None
        if node.type == "sequence_expression" and node.named_child_count:
            part = node.named_children[-1]
        return self.evaluate(part, scope, frame) if part is not None else NOTHING

    def _call(self, node: Node, scope: Scope, frame: Frame | None) -> Alternatives:
        called = node.child_by_field_name("function")
        if called is None:
            return self._instance(node, scope)
        arguments = tuple(Lazy(argument, scope, frame) for argument in arguments_of(node))
        found = [
            with_choices(self.apply(value, arguments, frame), choices)
            for value, choices in self.evaluate(called, scope, frame).each
            if isinstance(value, Closure)
        ]
        if not found and called.type == "member_expression":
            namesakes = self.program.methods.get(property_name(called) or "", [])
            if len(namesakes) == 1:
                found = [self.apply(Closure(namesakes[0]), arguments, frame)]
        values = union(*found)
        return values if values.has_known else NOTHING

    def _instance(self, node: Node, scope: Scope) -> Alternatives:
        constructor = node.child_by_field_name("constructor")
        if constructor is None or constructor.type != "identifier":
            return NOTHING
        owner = self.program.resolve(name_of(constructor), scope).owner
        return hole(source_of(node, scope), Key(owner.bag)) if owner else NOTHING

    def apply(
        self, closure: Closure, arguments: tuple[Thunk, ...], frame: Frame | None
    ) -> Alternatives:
        """Return what a function returns for the arguments."""
        depth = frame.depth + 1 if frame else 1
        if depth > _DEEPEST_CALLS:
            return NOTHING
        inner = Frame(closure.function, arguments, closure.frame, depth)
        returned = [
            with_choices(
                self.evaluate(node, scope, inner),
                frozenset((branch.condition, branch.option) for branch in self._branches_of(scope)),
            )
            for node, scope in closure.function.results[:MOST_VALUES]
        ]
        return union(*returned)

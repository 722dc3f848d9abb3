"""Partial evaluation: the values of an expression, found without running anything.

Each assignment is followed in the order of the text; a condition adds alternatives; a parameter has
the values that the calls of its function give it. Depth and steps are limited, so that a hostile
script costs no more than a large one.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

from extractors.probe.javascript import (
    FUNCTIONS,
    Binding,
    Branch,
    Call,
    Node,
    Parameter,
    Scope,
    Write,
    arguments_of,
    key_name,
    name_of,
    property_name,
    source_of,
    string_of,
    unescaped,
    unwrapped,
)
from extractors.probe.known import known_call
from extractors.probe.scan import PUSHED, WINDOWS, Program, owner_of
from extractors.probe.values import (
    MOST_VALUES,
    NO_CHOICES,
    NOTHING,
    Alternative,
    Alternatives,
    Choices,
    Closure,
    Frame,
    Hole,
    Items,
    Key,
    Lazy,
    Record,
    Text,
    Thunk,
    Value,
    choose,
    hole,
    hole_of,
    joined_texts,
    one,
    plain,
    text,
    together,
    union,
)

MOST_STEPS = 400_000  # of all evaluations of a page's scripts
_MOST_STEPS_OF_ONE = 10_000
_DEEPEST = 40  # expressions within each other
_DEEPEST_CALLS = 4
_MOST_WRITES = 64  # the last ones of a variable in one function
_MOST_OPERANDS = 1_000
_CONSTANTS = frozenset({"number", "true", "false", "null", "undefined"})
_LONG_ENOUGH = 3  # characters of a variable's name that says more than what is assigned to it


class Evaluator:
    """The values of expressions of one program; `used` names every expression that it looked at."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.used: set[int] = set()
        self.steps = 0
        self.lost_text = False  # because it was too long
        self._limit = 0
        self._depth = 0
        self._active: set[tuple[int, Frame | None]] = set()
        self._known: dict[tuple[int, Frame | None], Alternatives] = {}
        self._branches: dict[Scope, tuple[Branch, ...]] = {}
        self._groups: dict[int, dict[Scope, list[Write]]] = {}

    def value_of(self, node: Node, scope: Scope) -> Alternatives:
        """Return the values of an expression."""
        self._limit = min(self.steps + _MOST_STEPS_OF_ONE, MOST_STEPS)
        return self.evaluate(node, scope)

    @property
    def is_exhausted(self) -> bool:
        """Return whether no more expressions can be evaluated."""
        return self.steps >= MOST_STEPS

    def charge(self, steps: int) -> None:
        """Count work that grows with a script."""
        self.steps += steps

    def evaluate(self, node: Node, scope: Scope, frame: Frame | None = None) -> Alternatives:
        """Return the values of an expression that is part of another."""
        node = unwrapped(node)
        place = (node.id, self._relevant(frame, scope))
        if found := self._known.get(place):
            return found
        if place in self._active:
            return NOTHING
        self.steps += 1
        if self._depth >= _DEEPEST or self.steps > self._limit:
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
            case "this":
                return self._this(node, scope)
            case "call_expression" | "new_expression":
                return known_call(self, node, scope, frame) or self._call(node, scope, frame)
            case kind if kind in FUNCTIONS:
                function = self.program.functions.get(node.id)
                return one(Closure(function, frame)) if function else NOTHING
            case _:
                return self._last_part(node, scope, frame)

    def _last_part(self, node: Node, scope: Scope, frame: Frame | None) -> Alternatives:
        """Return the values of an expression that has those of a part of it."""
        if node.type == "augmented_assignment_expression":
            target = node.child_by_field_name("left")
            if target is not None and target.type == "identifier":
                return self.variable(target, scope, frame, node.end_byte)
        part = node.child_by_field_name("right") if node.type == "assignment_expression" else None
        if node.type == "sequence_expression" and node.named_child_count:
            part = node.named_children[-1]
        return self.evaluate(part, scope, frame) if part is not None else NOTHING

    # Texts

    def join(self, parts: Sequence[Alternatives]) -> Alternatives:
        """Return the texts that the parts make together."""
        joined: list[tuple[tuple[Text, ...], Choices]] = [((), NO_CHOICES)]
        is_cut = False
        for part in parts:
            is_cut |= part.is_cut
            self.charge(len(joined) * len(part.each) // 4)
            pairs = (
                ((*texts, value), together(before, choices))
                for texts, before in joined
                for value, choices in part.each
                if isinstance(value, Text)
            )
            longer = [(texts, choices) for texts, choices in pairs if choices is not None]
            is_cut |= len(longer) > MOST_VALUES or self.steps > self._limit
            joined = longer[: MOST_VALUES if self.steps <= self._limit else 1]
        whole = [(joined_texts(texts), choices) for texts, choices in joined]
        each = tuple(Alternative(value, choices) for value, choices in whole if value is not None)
        self.lost_text |= len(each) < len(whole)
        return Alternatives(each, is_cut or len(each) < len(whole))

    def as_text(self, values: Alternatives, source: str) -> Alternatives:
        """Return values as they are in a text: an array's elements with commas."""
        if all(isinstance(value, Text) for value, _ in values.each):
            return values
        texts: list[Alternatives] = []
        for value, choices in values.each:
            if isinstance(value, Items):
                made = self.join_items(value, ",", source)
            else:
                made = one(value) if isinstance(value, Text) else hole(source)
            texts.append(_with(made, choices))
        return union(*texts)._replace(is_cut=values.is_cut)

    def join_items(self, items: Items, separator: str, source: str) -> Alternatives:
        """Return the text of an array's elements with a separator between them."""
        if self._depth >= _DEEPEST:  # an array that holds itself
            return hole(source)._replace(is_cut=True)
        parts: list[Alternatives] = []
        self._depth += 1
        for element in items.elements:
            made = self.as_text(self.force(element), source)
            parts += [text(separator), made] if parts else [made]
        self._depth -= 1
        if items.is_open:
            parts += [text(separator), hole(source)] if parts else [hole(source)]
        return self.join(parts)

    def _template(self, node: Node, scope: Scope, frame: Frame | None) -> Alternatives:
        parts: list[Alternatives] = []
        for part in node.named_children[:_MOST_OPERANDS]:
            if part.type != "template_substitution":
                parts.append(text(unescaped(name_of(part))))
            elif part.named_child_count:
                inner = part.named_children[0]
                values = self.evaluate(inner, scope, frame)
                parts.append(self.as_text(values, source_of(inner, scope)))
        return _cut_if(self.join(parts), node.named_child_count > _MOST_OPERANDS)

    def _binary(self, node: Node, scope: Scope, frame: Frame | None) -> Alternatives:
        operator = node.child_by_field_name("operator")
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if operator is None or left is None or right is None:
            return NOTHING
        if operator.type == "+":
            return self._sum(node, scope, frame)
        if operator.type == "&&":
            return self.evaluate(right, scope, frame)
        if operator.type not in ("||", "??"):
            return NOTHING
        values = self.evaluate(left, scope, frame)
        if values.has_known and all(hole_of(value) is None for value, _ in values.each):
            return values
        return choose([values, self.evaluate(right, scope, frame)], node.id)

    def _sum(self, node: Node, scope: Scope, frame: Frame | None) -> Alternatives:
        operands: list[Node] = []
        inner = node
        while len(operands) < _MOST_OPERANDS:
            right, left = inner.child_by_field_name("right"), inner.child_by_field_name("left")
            operator = inner.child_by_field_name("operator")
            is_sum = inner.type == "binary_expression" and operator and operator.type == "+"
            if not is_sum or right is None or left is None:
                break
            self.used.add(inner.id)
            operands.append(right)
            inner = unwrapped(left)
        operands.append(inner)
        operands.reverse()
        values = [self.evaluate(operand, scope, frame) for operand in operands]
        if _is_arithmetic(operands, values):
            return NOTHING
        texts = [
            self.as_text(value, source_of(operand, scope))
            for operand, value in zip(operands, values, strict=True)
        ]
        return _cut_if(self.join(texts), len(operands) > _MOST_OPERANDS)

    # Variables

    def variable(self, node: Node, scope: Scope, frame: Frame | None, at: int) -> Alternatives:
        """Return the values that a variable has at a byte of its script."""
        name = name_of(node)
        binding = self.program.resolve(name, scope)
        key = Key(binding)
        if binding.owner:
            return hole(name, Key(binding.owner.bag))
        initial = NOTHING
        if binding.parameter:
            initial = self._parameter(binding.parameter, frame)
        values = self.written(binding.writes, at, scope, frame, initial)
        shown = name if len(name) >= _LONG_ENOUGH else ""
        return self._keyed(values, key, shown) if values.each else hole(name, key)

    def _parameter(self, parameter: Parameter, frame: Frame | None) -> Alternatives:
        function, index = parameter.function, parameter.position
        given = frame
        while given is not None and given.function is not function:
            given = given.outer
        if given is not None:
            arguments = [given.arguments[index : index + 1]]
        else:
            arguments = [_argument(call, index) for call in function.calls[:MOST_VALUES]]
        sites = [self._reach(self.force(each[0]), parameter.path) for each in arguments if each]
        self.charge(sum(len(site.each) for site in sites) // 4)
        values = choose(sites, id(function)) if given is None else union(*sites)
        if not values.has_known and parameter.default is not None and not parameter.path:
            default = self.evaluate(parameter.default, function, frame)
            values = union(default) if not values.each else union(default, values)
        return _cut_if(values, len(function.calls) > MOST_VALUES)

    def written(
        self,
        writes: list[Write],
        at: int,
        scope: Scope,
        frame: Frame | None,
        initial: Alternatives = NOTHING,
    ) -> Alternatives:
        """Return the values that assignments leave, of those before a byte if any are there."""
        if not writes:
            return initial
        groups = self._grouped(writes)
        own = groups.get(scope.function, [])
        before = own[: bisect_right(own, at, key=lambda write: write.at)]
        values = self._fold(before, scope, frame, initial) if before else initial
        if values.has_known:
            return values
        others = [group for function, group in groups.items() if function is not scope.function]
        near = [group for group in others if group[0].scope.script is scope.script]
        for some in (near, others):
            found = [self._fold(group, scope, frame, NOTHING) for group in some[:MOST_VALUES]]
            if any(each.has_known for each in found):
                return choose(found, id(writes))
        return values if values.each else union(*found)

    def _grouped(self, writes: list[Write]) -> dict[Scope, list[Write]]:
        groups = self._groups.get(id(writes))
        if groups is None:
            groups = defaultdict(list)
            for write in writes:
                groups[write.scope.function].append(write)
            for group in groups.values():
                group.sort(key=lambda write: write.at)
            self._groups[id(writes)] = groups
        return groups

    def _fold(
        self, writes: Sequence[Write], scope: Scope, frame: Frame | None, initial: Alternatives
    ) -> Alternatives:
        """Return the values after the assignments, made in this order."""
        mine = self._branches_of(scope)
        writes = writes[-_MOST_WRITES:]
        self.charge(len(writes) // 4)
        others = [
            [branch for branch in self._branches_of(write.scope) if branch not in mine]
            for write in writes
        ]
        overwriting = (
            place
            for place in reversed(range(len(writes)))
            if not others[place] and not writes[place].is_addition
        )
        first = next(overwriting, None)
        values = initial if first is None else NOTHING
        for write, branches in list(zip(writes, others, strict=True))[first or 0 :]:
            value = self._written_value(write, frame)
            when = frozenset((branch.condition, branch.option) for branch in branches)
            new = _with(self._added(values, value) if write.is_addition else value, when)
            kept = _otherwise(values, branches) if branches else NOTHING
            values = union(kept, new) if kept.each else new
            self.charge(len(values.each) // 4)
        here = frozenset((branch.condition, branch.option) for branch in mine)
        return Alternatives(
            tuple(each for each in values.each if together(each.choices, here) is not None),
            values.is_cut,
        )

    def _written_value(self, write: Write, frame: Frame | None) -> Alternatives:
        if write.node is None:
            return NOTHING
        values = self.evaluate(write.node, write.scope, self._relevant(frame, write.scope))
        return self._reach(values, write.path)

    def _added(self, values: Alternatives, value: Alternatives) -> Alternatives:
        """Return what `+=` makes of a text, or a merge of an object."""
        if not values.each:
            return value
        records = [
            Alternative(Record(one_value.parts + other.parts, one_value.key), both)
            for one_value, choices in values.each
            for other, more in value.each
            if isinstance(one_value, Record) and isinstance(other, Record)
            if (both := together(choices, more)) is not None
        ]
        if records:
            return Alternatives(tuple(records[:MOST_VALUES]))
        return self.join([self.as_text(values, "…"), self.as_text(value, "…")])

    def _branches_of(self, scope: Scope) -> tuple[Branch, ...]:
        """Return the conditions under which a scope's code runs, within its function."""
        found = self._branches.get(scope)
        if found is None:
            branches: list[Branch] = []
            here: Scope | None = scope
            while here is not None and not here.is_function:
                if here.branch:
                    branches.append(here.branch)
                here = here.parent
            found = self._branches[scope] = tuple(branches)
        return found

    def _relevant(self, frame: Frame | None, scope: Scope) -> Frame | None:
        """Return the innermost frame of a function around the scope."""
        if frame is None:
            return None
        around: set[Scope] = set()
        here: Scope | None = scope
        while here is not None:
            around.add(here)
            here = here.parent
        while frame is not None and frame.function not in around:
            frame = frame.outer
        return frame

    # Objects

    def _this(self, node: Node, scope: Scope) -> Alternatives:
        owner = owner_of(scope)
        if owner is None:
            return hole("this", Key(self.program.resolve("this", scope)))
        if owner.node.type == "object":
            return one(Record((Lazy(owner.node, owner.scope),), Key(owner.bag)))
        return hole("this", Key(owner.bag))

    def _member(self, node: Node, scope: Scope, frame: Frame | None) -> Alternatives:
        inner = node.child_by_field_name("object")
        index = node.child_by_field_name("index")
        if inner is None:
            return NOTHING
        inner, name = unwrapped(inner), property_name(node)
        if inner.type == "identifier" and name and self._is_window(inner, scope):
            binding = self.program.resolve(name, scope)
            values = self.written(binding.writes, node.start_byte, scope, frame)
            key = Key(binding)
            return self._keyed(values, key) if values.each else hole(name, key)
        objects = self.evaluate(inner, scope, frame)
        if name is not None or index is None:
            return self.properties(objects, name, node, scope)
        names = self.evaluate(index, scope, frame)
        found = [
            _with(self.properties(objects, plain(value), node, scope), choices)
            for value, choices in names.each
        ]
        return _known_first(union(*found))

    def _is_window(self, node: Node, scope: Scope) -> bool:
        name = name_of(node)
        if name in self.program.namespaces:
            return True
        return name in WINDOWS and not scope.declares(name)

    def properties(
        self, objects: Alternatives, name: str | None, node: Node, scope: Scope
    ) -> Alternatives:
        """Return a property of each of the objects; every property if its name is not known."""
        found: list[Alternatives] = []
        for value, choices in objects.each:
            values = self.property(value, name, node, scope)
            found.append(_with(values, choices))
            self.charge(len(values.each) // 4)
        return _cut_if(_known_first(union(*found)), objects.is_cut)

    def property(self, value: Value, name: str | None, node: Node, scope: Scope) -> Alternatives:
        """Return a property of an object or an element of an array."""
        self.charge(1)
        open_end = hole_of(value)
        key = value.key if isinstance(value, Record) else open_end.key if open_end else None
        if name is not None and key is not None:
            key = key.property(name)
            writes = self._assigned(key)
            if writes:
                return self._keyed(self.written(writes, node.start_byte, scope, None), key)
        if isinstance(value, Items):
            return self._element(value, name, node, scope)
        if isinstance(value, Record):
            if name is None:
                each = [made for _, made in self.entries(value)]
                return choose(each, node.id)
            return self._keyed(self._in_parts(value.parts, name), key)
        return (
            hole(source_of(node, scope), key if name is not None else None) if open_end else NOTHING
        )

    def _assigned(self, key: Key) -> list[Write]:
        """Return the assignments to a place; a class has those of the class it extends, too."""
        binding: Binding | None = key.binding
        for _ in range(_DEEPEST_CALLS):
            if binding is None:
                break
            if writes := binding.properties.get(key.path):
                return writes
            owner = binding.owner
            binding = owner.scope.binding(owner.parent_name) if owner else None
        return []

    def _in_parts(self, parts: Iterable[Lazy], name: str) -> Alternatives:
        for part in reversed(tuple(parts)):
            for node in reversed(part.node.named_children):
                found = self._in_pair(node, name, part)
                if found.each:
                    return found
        return NOTHING

    def _in_pair(self, node: Node, name: str, part: Lazy) -> Alternatives:
        """Return the values of a property if this part of an object literal has it."""
        self.charge(1)
        if node.type == "spread_element" and node.named_child_count:
            return self._in_spread(node.named_children[0], name, part)
        if _pair_name(node) != name:
            return NOTHING
        return self._pair_value(node, part)

    def _in_spread(self, node: Node, name: str, part: Lazy) -> Alternatives:
        if self._depth >= _DEEPEST:  # an object that holds itself
            return NOTHING
        self._depth += 1
        spread = self.evaluate(node, part.scope, part.frame)
        found = [
            _with(self._in_parts(value.parts, name), choices)
            for value, choices in spread.each
            if isinstance(value, Record)
        ]
        self._depth -= 1
        return union(*found)

    def _pair_value(self, node: Node, part: Lazy) -> Alternatives:
        if node.type == "shorthand_property_identifier":
            return self.variable(node, part.scope, part.frame, node.start_byte)
        value = node.child_by_field_name("value") if node.type == "pair" else node
        return self.evaluate(value, part.scope, part.frame) if value is not None else NOTHING

    def entries(self, record: Record, depth: int = 0) -> list[tuple[str, Alternatives]]:
        """Return an object's properties, in order; one that is assigned later is the last."""
        found: dict[str, Alternatives] = {}
        for part in record.parts:
            for node in part.node.named_children[:_MOST_OPERANDS]:
                self.charge(1)
                name = _pair_name(node)
                if name is not None:
                    found[name] = self._pair_value(node, part)
                elif node.type == "spread_element" and depth < _DEEPEST_CALLS:
                    for value, _ in self.evaluate(
                        node.named_children[0], part.scope, part.frame
                    ).each:
                        if isinstance(value, Record):
                            found.update(self.entries(value, depth + 1))
        if record.key:
            binding, path = record.key
            for place, writes in list(binding.properties.items())[:_MOST_OPERANDS]:
                if len(place) == len(path) + 1 and place[:-1] == path and place[-1] != PUSHED:
                    scope = writes[-1].scope
                    found[place[-1]] = self.written(writes, writes[-1].at, scope, None)
        return list(found.items())

    def _array(self, node: Node, scope: Scope, frame: Frame | None) -> Items:
        elements: list[Thunk] = []
        is_open = False
        for part in node.named_children[:_MOST_OPERANDS]:
            if part.type == "spread_element" and part.named_child_count:
                values = self.evaluate(part.named_children[0], scope, frame).each
                inner = values[0].value if values else None
                if isinstance(inner, Items):
                    elements += inner.elements
                else:
                    elements.append(Text((Hole(source_of(part.named_children[0], scope)),)))
            elif part.type != "comment":
                elements.append(Lazy(part, scope, frame))
        return Items(tuple(elements[:_MOST_OPERANDS]), is_open)

    def _element(self, items: Items, name: str | None, node: Node, scope: Scope) -> Alternatives:
        if name is None:
            return choose([self.force(element) for element in items.elements], node.id)
        if not name.isdecimal() or int(name[:9]) >= len(items.elements):
            return hole(source_of(node, scope))
        return self.force(items.elements[int(name[:9])])

    def _elements(self, values: Alternatives, node: Node, scope: Scope) -> Alternatives:
        """Return every element of an array as an alternative."""
        return union(
            *(
                _with(self._element(value, None, node, scope), choices)
                for value, choices in values.each
                if isinstance(value, Items)
            )
        )

    def _reach(self, values: Alternatives, path: tuple[str, ...]) -> Alternatives:
        """Return the part of a value that a pattern takes."""
        for name in path:
            found: list[Alternatives] = []
            for value, choices in values.each:
                if isinstance(value, Items) and name.isdecimal():
                    here = value.elements[int(name[:9]) : int(name[:9]) + 1]
                    found.extend(_with(self.force(element), choices) for element in here)
                elif isinstance(value, Record):
                    found.append(_with(self._keyed_part(value, name), choices))
                elif (inner := hole_of(value)) and inner.key:
                    found.append(_with(self._keyed_hole(inner.key, name), choices))
            values = union(*found)
        return values

    def _keyed_part(self, record: Record, name: str) -> Alternatives:
        key = record.key.property(name) if record.key else None
        return self._keyed(self._in_parts(record.parts, name), key)

    def _keyed_hole(self, key: Key, name: str) -> Alternatives:
        place = key.property(name)
        writes = self._assigned(place)
        if not writes:
            return hole(name, place)
        last = writes[-1]
        return self._keyed(self.written(writes, last.at, last.scope, None), place)

    def _keyed(self, values: Alternatives, key: Key | None, name: str = "") -> Alternatives:
        """Return values that know the place which holds them, with what was pushed there.

        A hole takes the name, if there is one.
        """
        if key is None:
            return values
        pushed: tuple[Thunk, ...] = tuple(
            Lazy(write.node, write.scope)
            for write in key.binding.properties.get((*key.path, PUSHED), ())[:_MOST_OPERANDS]
            if write.node is not None
        )
        each: list[Alternative] = []
        for value, choices in values.each:
            kept: Value = value
            if isinstance(value, Record) and value.key is None:
                kept = value._replace(key=key)
            elif isinstance(value, Items) and pushed:
                kept = value._replace(elements=value.elements + pushed)
            elif inner := hole_of(value):
                kept = Text((Hole(name or inner.name, inner.key or key),))
            each.append(Alternative(kept, choices))
        return Alternatives(tuple(each), values.is_cut)

    # Calls

    def _call(self, node: Node, scope: Scope, frame: Frame | None) -> Alternatives:
        called = node.child_by_field_name("function")
        if called is None:
            return self._instance(node, scope)
        arguments = tuple(Lazy(argument, scope, frame) for argument in arguments_of(node))
        found = [
            _with(self.apply(value, arguments, frame), choices)
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
            _with(
                self.evaluate(node, scope, inner),
                frozenset((branch.condition, branch.option) for branch in self._branches_of(scope)),
            )
            for node, scope in closure.function.results[:MOST_VALUES]
        ]
        return union(*returned)


def _argument(call: Call, index: int) -> tuple[Thunk, ...]:
    if call.each is not None:
        is_element = index == call.each_index
        return (Lazy(call.each, call.scope, None, "each"),) if is_element else ()
    return tuple(Lazy(node, call.scope) for node in call.arguments[index : index + 1])


def _pair_name(node: Node) -> str | None:
    """Return the name of a property of an object literal."""
    if node.type == "shorthand_property_identifier":
        return name_of(node)
    place = {"pair": "key", "method_definition": "name"}.get(node.type)
    named = node.child_by_field_name(place) if place else None
    return key_name(named) if named else None


def _is_arithmetic(operands: Sequence[Node], values: Sequence[Alternatives]) -> bool:
    """Return whether a sum may be one of numbers: `year + 1` is not a text."""
    has_number = any(operand.type == "number" for operand in operands)
    return has_number and not any(
        values_of.has_known and operand.type != "number"
        for operand, values_of in zip(operands, values, strict=True)
    )


def _with(values: Alternatives, choices: Choices) -> Alternatives:
    """Return the values that are possible together with other choices."""
    if not choices:
        return values
    each = (
        Alternative(value, both)
        for value, more in values.each
        if (both := together(more, choices)) is not None
    )
    return Alternatives(tuple(each), values.is_cut)


def _otherwise(values: Alternatives, branches: Sequence[Branch]) -> Alternatives:
    """Return the values that stay if an assignment on some branch is not made."""
    when = frozenset((branch.condition, branch.option) for branch in branches)
    staying = Alternatives(
        tuple(each for each in values.each if not when <= each.choices), values.is_cut
    )
    if not all(branch.is_binary for branch in branches):
        return staying
    taken: Choices = NO_CHOICES
    kept: list[Alternatives] = []
    for branch in reversed(branches):
        avoided = taken | {(branch.condition, 1 - branch.option)}
        kept.append(_with(staying, avoided))
        taken |= {(branch.condition, branch.option)}
    return union(*kept)


def _known_first(values: Alternatives) -> Alternatives:
    """Return the values without holes, if there are others."""
    if not values.has_known:
        return values
    return values._replace(each=tuple(each for each in values.each if hole_of(each.value) is None))


def _cut_if(values: Alternatives, is_cut: bool) -> Alternatives:
    return values._replace(is_cut=True) if is_cut else values

"""The values of properties and elements: of object literals, classes and arrays."""

from collections.abc import Iterable

from extractors.probe.javascript import (
    Binding,
    Node,
    Scope,
    Write,
    key_name,
    name_of,
    property_name,
    source_of,
    unwrapped,
)
from extractors.probe.program import PUSHED, WINDOWS, owner_of
from extractors.probe.state import DEEPEST
from extractors.probe.texts import MOST_OPERANDS
from extractors.probe.values import (
    NOTHING,
    Alternatives,
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
    cut_if,
    hole,
    hole_of,
    known_first,
    one,
    plain,
    union,
    with_choices,
)
from extractors.probe.variables import Variables

_DEEPEST_CLASSES = 4  # that extend each other


class Objects(Variables):
    """Evaluation of what objects and arrays hold."""

    def _this(self, scope: Scope) -> Alternatives:
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
            with_choices(self.properties(objects, plain(value), node, scope), choices)
            for value, choices in names.each
        ]
        return known_first(union(*found))

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
            found.append(with_choices(values, choices))
            self.charge(len(values.each) // 4)
        return cut_if(known_first(union(*found)), objects.is_cut)

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
        for _ in range(_DEEPEST_CLASSES):
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
        if self._depth >= DEEPEST:  # an object that holds itself
            return NOTHING
        self._depth += 1
        spread = self.evaluate(node, part.scope, part.frame)
        found = [
            with_choices(self._in_parts(value.parts, name), choices)
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
            for node in part.node.named_children[:MOST_OPERANDS]:
                self.charge(1)
                name = _pair_name(node)
                if name is not None:
                    found[name] = self._pair_value(node, part)
                elif node.type == "spread_element" and depth < _DEEPEST_CLASSES:
                    for value, _ in self.evaluate(
                        node.named_children[0], part.scope, part.frame
                    ).each:
                        if isinstance(value, Record):
                            found.update(self.entries(value, depth + 1))
        if record.key:
            binding, path = record.key
            for place, writes in list(binding.properties.items())[:MOST_OPERANDS]:
                if len(place) == len(path) + 1 and place[:-1] == path and place[-1] != PUSHED:
                    scope = writes[-1].scope
                    found[place[-1]] = self.written(writes, writes[-1].at, scope, None)
        return list(found.items())

    def _array(self, node: Node, scope: Scope, frame: Frame | None) -> Items:
        elements: list[Thunk] = []
        for part in node.named_children[:MOST_OPERANDS]:
            if part.type == "spread_element" and part.named_child_count:
                values = self.evaluate(part.named_children[0], scope, frame).each
                inner = values[0].value if values else None
                if isinstance(inner, Items):
                    elements += inner.elements
                else:
                    elements.append(Text((Hole(source_of(part.named_children[0], scope)),)))
            elif part.type != "comment":
                elements.append(Lazy(part, scope, frame))
        return Items(tuple(elements[:MOST_OPERANDS]))

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
                with_choices(self._element(value, None, node, scope), choices)
                for value, choices in values.each
                if isinstance(value, Items)
            )
        )

    def reach(self, values: Alternatives, path: tuple[str, ...]) -> Alternatives:
        """Return the part of a value that a pattern takes."""
        for name in path:
            found: list[Alternatives] = []
            for value, choices in values.each:
                if isinstance(value, Items) and name.isdecimal():
                    here = value.elements[int(name[:9]) : int(name[:9]) + 1]
                    found.extend(with_choices(self.force(element), choices) for element in here)
                elif isinstance(value, Record):
                    found.append(with_choices(self._keyed_part(value, name), choices))
                elif (inner := hole_of(value)) and inner.key:
                    found.append(with_choices(self._keyed_hole(inner.key, name), choices))
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


def _pair_name(node: Node) -> str | None:
    """Return the name of a property of an object literal."""
    if node.type == "shorthand_property_identifier":
        return name_of(node)
    place = {"pair": "key", "method_definition": "name"}.get(node.type)
    named = node.child_by_field_name(place) if place else None
    return key_name(named) if named else None

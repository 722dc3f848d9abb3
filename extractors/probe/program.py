"""All the scripts of a page as one program, and what a walk notes of each."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractors.probe.javascript import (
    Binding,
    Call,
    Node,
    Owner,
    Scope,
    key_name,
    name_of,
)

PUSHED = "[]"  # the name of the property under which pushed elements are recorded
WINDOWS = frozenset({"window", "self", "globalThis", "top", "exports"})
_DEEPEST_PATTERN = 10


@dataclass(eq=False)
class Program:
    """All the scripts of a page, as one program."""

    globals: dict[str, Binding] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    texts: list[tuple[Node, Scope]] = field(default_factory=list)
    seeds: list[tuple[int, int]] = field(default_factory=list)  # where strings name an API
    functions: dict[int, Scope] = field(default_factory=dict)  # by the identity of the node
    owners: dict[int, Owner] = field(default_factory=dict)
    methods: dict[str, list[Scope]] = field(default_factory=lambda: defaultdict(list))
    namespaces: set[str] = field(default_factory=set)  # what `import * as` names
    nodes: int = 0
    is_cut: bool = False

    def resolve(self, name: str, scope: Scope) -> Binding:
        """Return what a name stands for; a name that nothing declares is global."""
        found = scope.binding(name)
        return found or self.globals.setdefault(name, Binding(name))


@dataclass(eq=False)
class Found:
    """What the walk over one script notes, to be linked after it."""

    assignments: list[tuple[Node, Scope]] = field(default_factory=list)
    calls: list[tuple[Node, Scope]] = field(default_factory=list)


def owner_of(scope: Scope) -> Owner | None:
    """Return what `this` is in a scope, if it is an object literal or an instance of a class."""
    here: Scope | None = scope
    while here is not None:
        if here.owner:
            return here.owner
        here = here.parent
    return None


def pattern_names(
    node: Node, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[str, ...], Node | None]]:
    """Yield the names that a parameter or pattern declares, how to reach them, and defaults."""
    if len(path) > _DEEPEST_PATTERN:
        return
    kind = node.type
    if kind in ("identifier", "shorthand_property_identifier_pattern"):
        shorthand = (name_of(node),) if kind != "identifier" else ()
        yield name_of(node), path + shorthand, None
    elif kind in ("assignment_pattern", "object_assignment_pattern"):
        target, default = node.child_by_field_name("left"), node.child_by_field_name("right")
        for name, inner, _ in pattern_names(target, path) if target else ():
            yield name, inner, default
    elif kind == "array_pattern":
        for index, part in enumerate(node.named_children):
            yield from pattern_names(part, (*path, str(index)))
    elif kind == "object_pattern":
        for part in node.named_children:
            yield from pattern_names(part, path)
    elif kind == "pair_pattern":
        key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
        name_of_key = key_name(key) if key else None
        if value is not None and name_of_key is not None:
            yield from pattern_names(value, (*path, name_of_key))

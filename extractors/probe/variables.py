"""The values of variables and parameters.

Each assignment is followed in the order of the text; a condition adds alternatives; a parameter has
the values that the calls of its function give it.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence

from extractors.probe.javascript import (
    Branch,
    Call,
    Node,
    Parameter,
    Scope,
    Write,
    name_of,
)
from extractors.probe.program import PUSHED
from extractors.probe.texts import MOST_OPERANDS, Texts
from extractors.probe.values import (
    MOST_VALUES,
    NO_CHOICES,
    NOTHING,
    Alternative,
    Alternatives,
    Choices,
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
    together,
    union,
    with_choices,
)

_MOST_WRITES = 64  # the last ones of a variable in one function
_LONG_ENOUGH = 3  # characters of a variable's name that says more than what is assigned to it


class Variables(Texts):
    """Evaluation of names."""

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
        sites = [self.reach(self.force(each[0]), parameter.path) for each in arguments if each]
        self.charge(sum(len(site.each) for site in sites) // 4)
        values = choose(sites, id(function)) if given is None else union(*sites)
        if not values.has_known and parameter.default is not None and not parameter.path:
            default = self.evaluate(parameter.default, function, frame)
            values = union(default) if not values.each else union(default, values)
        return cut_if(values, len(function.calls) > MOST_VALUES)

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
        self.charge(len(writes))
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
            new = with_choices(self._added(values, value) if write.is_addition else value, when)
            kept = _otherwise(values, branches) if branches else NOTHING
            values = union(kept, new) if kept.each else new
            self.charge((1 + len(branches)) * len(values.each))
            if self.steps > self._limit:
                return cut_if(values, is_cut=True)
        here = frozenset((branch.condition, branch.option) for branch in mine)
        return Alternatives(
            tuple(each for each in values.each if together(each.choices, here) is not None),
            values.is_cut,
        )

    def _written_value(self, write: Write, frame: Frame | None) -> Alternatives:
        if write.node is None:
            return NOTHING
        values = self.evaluate(write.node, write.scope, self._relevant(frame, write.scope))
        return self.reach(values, write.path)

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

    def _keyed(self, values: Alternatives, key: Key | None, name: str = "") -> Alternatives:
        """Return values that know the place which holds them, with what was pushed there.

        A hole takes the name, if there is one.
        """
        if key is None:
            return values
        pushed: tuple[Thunk, ...] = tuple(
            Lazy(write.node, write.scope)
            for write in key.binding.properties.get((*key.path, PUSHED), ())[:MOST_OPERANDS]
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


def _argument(call: Call, index: int) -> tuple[Thunk, ...]:
    if call.each is not None:
        is_element = index == call.each_index
        return (Lazy(call.each, call.scope, None, "each"),) if is_element else ()
    return tuple(Lazy(node, call.scope) for node in call.arguments[index : index + 1])


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
        kept.append(with_choices(staying, avoided))
        taken |= {(branch.condition, branch.option)}
    return union(*kept)

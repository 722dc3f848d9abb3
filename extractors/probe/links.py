"""Assignments and calls, linked to the variables and functions that they mean.

Scripts use what they declare further down, and what other scripts declare. So this comes after the
walk over all of them.
"""

from extractors.probe.javascript import (
    FUNCTIONS,
    Binding,
    Call,
    Node,
    Scope,
    Script,
    Write,
    arguments_of,
    chain_of,
    name_of,
    property_name,
    string_of,
    unwrapped,
)
from extractors.probe.program import PUSHED, WINDOWS, Found, Program, owner_of, pattern_names

_EACH = frozenset({"forEach", "map", "each"})
_EXTENDERS = frozenset({"extend", "assign", "merge"})
_LISTS = frozenset({"push", "unshift"})
_MOST_NAMESAKES = 3  # methods of one name that a call may mean


class Linker:
    """The links of one script."""

    def __init__(self, program: Program, script: Script, found: Found) -> None:
        self.program = program
        self.script = script
        self.found = found
        self.outermost = Scope(script, None, is_function=True, bindings=program.globals)

    def link(self) -> None:
        """Link assignments and calls to what all scanned scripts declare."""
        for node, scope in self.found.assignments:
            self._link_assignment(node, scope)
        for node, scope in self.found.calls:
            self._link_call(node, scope)
            self._link_namesakes(node, scope)

    def _link_assignment(self, node: Node, scope: Scope) -> None:
        target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        if target is None:
            return
        operator = node.child_by_field_name("operator")
        is_addition = operator is not None and operator.type == "+="
        if operator is not None and operator.type not in ("+=", "||=", "??=", "&&="):
            value = None
        if target.type in ("array_pattern", "object_pattern"):
            for name, path, _ in pattern_names(target):
                write = Write(value, scope, node.end_byte, path=path)
                self.program.resolve(name, scope).writes.append(write)
            return
        write = Write(value, scope, node.end_byte, is_addition)
        self._record(target, write)
        if value is not None and target.type == "member_expression" and value.type in FUNCTIONS:
            method = property_name(target) or ""
            self.program.methods[method].append(self.program.functions[value.id])

    def _record(self, target: Node, write: Write, *more: str) -> None:
        """Record an assignment to a variable or to a property of one."""
        chain = chain_of(unwrapped(target))
        if chain is None:
            return
        first, names = chain
        names += more
        if first.type == "this":
            self._this(write.scope).properties[names].append(write)
        elif first.type == "identifier":
            name = name_of(first)
            if name in WINDOWS and names and not write.scope.declares(name):
                name, names = names[0], names[1:]
            binding = self.program.resolve(name, write.scope)
            (binding.properties[names] if names else binding.writes).append(write)

    def _this(self, scope: Scope) -> Binding:
        owner = owner_of(scope)
        return owner.bag if owner else self.program.resolve("this", self.outermost)

    def _link_call(self, node: Node, scope: Scope) -> None:
        arguments = arguments_of(node)
        call = Call(node, scope, arguments)
        self.program.calls.append(call)
        place = "constructor" if node.type == "new_expression" else "function"
        called = node.child_by_field_name(place)
        if called is None:
            return
        called = unwrapped(called)
        method = property_name(called) if called.type == "member_expression" else None
        inner = called.child_by_field_name("object") if method else None
        if inner is not None and method is not None:
            self._link_method(call, unwrapped(inner), method)
        elif called.type == "identifier":
            self._link_binding(call, self.program.resolve(name_of(called), scope))
        elif called.id in self.program.functions:
            self.program.functions[called.id].calls.append(call)

    def _link_binding(self, call: Call, binding: Binding) -> None:
        for write in binding.writes[:_MOST_NAMESAKES]:
            value = unwrapped(write.node) if write.node else None
            if value is not None and value.id in self.program.functions:
                self.program.functions[value.id].calls.append(call)
        if binding.owner:
            for write in binding.properties.get(("constructor",), []):
                if write.node is not None:
                    self.program.functions[write.node.id].calls.append(call)

    def _link_method(self, call: Call, inner: Node, name: str) -> None:
        """Link a call of a method: to the function, or what it adds to its object."""
        arguments, scope = call.arguments, call.scope
        if inner.id in self.program.functions and name in ("call", "apply"):
            function = self.program.functions[inner.id]
            function.calls.append(call._replace(arguments=arguments[1:]))
        elif name in _LISTS:
            for argument in arguments:
                self._record(inner, Write(argument, scope, call.node.end_byte), PUSHED)
        elif name in ("append", "set") and len(arguments) == 2:  # noqa: PLR2004
            header = string_of(arguments[0])
            if header is not None:
                self._record(inner, Write(arguments[1], scope, call.node.end_byte), header)
        elif name in _EXTENDERS and arguments and arguments[0].type != "object":
            for argument in arguments[1:]:
                merged = Write(argument, scope, call.node.end_byte, is_addition=True)
                self._record(arguments[0], merged)
        self._link_callback(call, inner, name)

    def _link_callback(self, call: Call, inner: Node, name: str) -> None:
        for index, argument in enumerate(call.arguments):
            if name in _EACH and argument.id in self.program.functions:
                array = call.arguments[0] if index else inner  # $.each(array, function)
                site = call._replace(each=array, each_index=index)
                self.program.functions[argument.id].calls.append(site)

    def _link_namesakes(self, node: Node, scope: Scope) -> None:
        """Link a call of a method to the functions of that name, if those are few."""
        called = node.child_by_field_name("function")
        name = property_name(called) if called and called.type == "member_expression" else None
        namesakes = self.program.methods.get(name or "", [])
        own = [function for function in namesakes if function.script is self.script]
        if len(own or namesakes) <= _MOST_NAMESAKES:
            for function in own or namesakes:
                function.calls.append(Call(node, scope, arguments_of(node)))

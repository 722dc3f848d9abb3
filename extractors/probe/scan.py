"""One walk over a script: its scopes, what is assigned where, its calls, and where it builds text.

The walk is a loop, since a script may nest as deep as it likes. Assignments are linked to variables
after the walk, because a script may use what it declares further down.
"""

from extractors.probe.javascript import (
    FUNCTIONS,
    Binding,
    Branch,
    Node,
    Owner,
    Parameter,
    Scope,
    Script,
    Write,
    key_name,
    name_of,
    string_of,
)
from extractors.probe.program import Found, Program, pattern_names
from extractors.probe.values import API

_MOST_NODES = 8_000_000  # of all the scripts of a site
_DEEPEST_SCOPES = 100
_BLOCKS = frozenset(
    {"statement_block", "for_statement", "for_in_statement", "catch_clause", "switch_case",
     "switch_default"}
)  # fmt: skip
_ASSIGNMENTS = ("assignment_expression", "augmented_assignment_expression")
_TEXTS = frozenset({"string", "template_string", "binary_expression"})


class Scanner:
    """A walk over one script that adds to a program."""

    def __init__(self, program: Program, script: Script) -> None:
        self.program = program
        self.script = script
        outermost = Scope(script, None, is_function=True, bindings=program.globals)
        self.scopes = [outermost]
        self.found = Found()

    def scan(self) -> None:
        """Add the script to the program."""
        cursor = self.script.tree.walk()
        entered: list[Node] = []
        opened: list[int] = []  # of each entered node, the scopes that it opened
        while True:
            node = cursor.node
            self.program.nodes += 1
            if node is None or self.program.nodes > _MOST_NODES:
                self.program.is_cut = True
                break
            scopes = len(self.scopes)
            if node.is_named:
                self._enter(node, entered, cursor.field_name)
            if cursor.goto_first_child():
                entered.append(node)
                opened.append(scopes)
                continue
            del self.scopes[scopes:]
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return
                entered.pop()
                del self.scopes[opened.pop() :]

    def _enter(self, node: Node, entered: list[Node], place: str | None) -> None:
        kind = node.type
        self._open_branch(node, entered, place)
        scope = self.scopes[-1]
        if kind in FUNCTIONS:
            self._open_function(node, entered)
        elif kind in _BLOCKS:
            self._open(Scope(self.script, scope))
            if kind == "for_in_statement":
                self._declare_loop(node)
        elif kind == "variable_declarator":
            self._declare_variable(node, entered)
        elif kind in _ASSIGNMENTS:
            self.found.assignments.append((node, scope))
            if kind == "augmented_assignment_expression":
                self.program.texts.append((node, scope))
        elif kind in ("call_expression", "new_expression"):
            self.found.calls.append((node, scope))
        elif kind in _TEXTS:
            self._note_text(node)
        elif kind == "string_fragment" and entered[-1].type == "template_string":
            if API.search(name_of(node)):
                self.program.seeds.append((self.script.order, node.start_byte))
        elif kind == "return_statement" and node.named_child_count:
            scope.function.results.append((node.named_children[0], scope))
        else:
            self._declare(node, entered)

    def _note_text(self, node: Node) -> None:
        """Note an expression that may build the URL of a call."""
        wanted = node.type == "template_string"
        if node.type == "binary_expression":
            operator = node.child_by_field_name("operator")
            wanted = operator is not None and operator.type == "+"
        elif node.type == "string" and API.search(string_of(node) or ""):
            wanted = True
            self.program.seeds.append((self.script.order, node.start_byte))
        if wanted:
            self.program.texts.append((node, self.scopes[-1]))

    # Scopes

    def _open(self, scope: Scope) -> None:
        if len(self.scopes) < _DEEPEST_SCOPES:
            self.scopes.append(scope)
        else:
            self.program.is_cut = True

    def _open_branch(self, node: Node, entered: list[Node], place: str | None) -> None:
        """Open a scope for one way through an `if` or `switch`."""
        parent = entered[-1] if entered else None
        if parent is None:
            return
        if parent.type == "if_statement" and place in ("consequence", "alternative"):
            branch = Branch(parent.id, int(place == "alternative"), is_binary=True)
        elif node.type in ("switch_case", "switch_default"):
            branch = Branch(parent.id, node.start_byte, is_binary=False)
        else:
            return
        self._open(Scope(self.script, self.scopes[-1], branch=branch))

    def _open_function(self, node: Node, entered: list[Node]) -> None:
        outer = self.scopes[-1]
        function = Scope(self.script, outer, node, is_function=True)
        self.program.functions[node.id] = function
        self._name_function(node, function, entered)
        parameters = node.child_by_field_name("parameters")
        single = node.child_by_field_name("parameter")
        named = parameters.named_children if parameters else [single] if single else []
        for index, parameter in enumerate(part for part in named if part.type != "comment"):
            for name, path, default in pattern_names(parameter):
                wanted = Parameter(function, index, path, default)
                function.bindings[name] = Binding(name, parameter=wanted)
        body = node.child_by_field_name("body")
        if body is not None and body.type != "statement_block":
            function.results.append((body, function))
        self._open(function)

    def _name_function(self, node: Node, function: Scope, entered: list[Node]) -> None:
        """Record under which names a function can be called, and what `this` is in it."""
        outer = self.scopes[-1]
        named = node.child_by_field_name("name")
        parent = entered[-1] if entered else None
        write = Write(node, outer, node.start_byte)
        if node.type.endswith("_declaration") and named:
            binding = outer.function.bindings.setdefault(name_of(named), Binding(name_of(named)))
            binding.writes.append(write)
        elif named and node.type == "function_expression":
            function.bindings[name_of(named)] = Binding(name_of(named), [write])
        if parent is None:
            return
        is_property = parent.type in ("pair", "field_definition") and len(entered) > 1
        method = named if node.type == "method_definition" else None
        if is_property:
            place = "key" if parent.type == "pair" else "property"
            method = parent.child_by_field_name(place)
        name = key_name(method) if method else None
        if name is None:
            return
        self.program.methods[name].append(function)
        holder = entered[-2] if is_property else parent
        if holder.type in ("object", "class_body"):
            function.owner = self._owner(holder)
            if node.type == "method_definition":
                function.owner.bag.properties[(name,)].append(write)

    def _owner(self, node: Node) -> Owner:
        """Return the object literal or class body as what `this` is."""
        if node.id not in self.program.owners:
            bag = Binding("this")
            self.program.owners[node.id] = bag.owner = Owner(node, self.scopes[-1], bag)
        return self.program.owners[node.id]

    # Declarations

    def _declare(self, node: Node, entered: list[Node]) -> None:
        if node.type in ("class_declaration", "class"):
            self._declare_class(node)
        elif node.type == "field_definition":
            self._declare_field(node, entered)
        elif node.type in ("import_specifier", "namespace_import"):
            self._declare_import(node)

    def _declare_variable(self, node: Node, entered: list[Node]) -> None:
        target, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if target is None:
            return
        scope = self.scopes[-1]
        is_var = bool(entered) and entered[-1].type == "variable_declaration"
        home = scope.function if is_var else scope
        for name, path, _ in pattern_names(target):
            binding = home.bindings.setdefault(name, Binding(name))
            if value is not None:
                binding.writes.append(Write(value, scope, node.end_byte, path=path))

    def _declare_loop(self, node: Node) -> None:
        target = node.child_by_field_name("left")
        for name, _, _ in pattern_names(target) if target else ():
            self.scopes[-1].bindings.setdefault(name, Binding(name))

    def _declare_class(self, node: Node) -> None:
        named, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if body is None:
            return
        owner = self._owner(body)
        heritage = next((part for part in node.children if part.type == "class_heritage"), None)
        if heritage is not None and heritage.named_child_count:
            owner.parent_name = name_of(heritage.named_children[0])
        if named:
            home = self.scopes[-1].bindings
            home[name_of(named)] = Binding(
                name_of(named), properties=owner.bag.properties, owner=owner
            )

    def _declare_field(self, node: Node, entered: list[Node]) -> None:
        named, value = node.child_by_field_name("property"), node.child_by_field_name("value")
        name = key_name(named) if named else None
        if name is None or value is None or not entered:
            return
        bag = self._owner(entered[-1]).bag
        bag.properties[(name,)].append(Write(value, self.scopes[-1], node.end_byte))

    def _declare_import(self, node: Node) -> None:
        """Declare what a module imports under another name; its own names are global ones."""
        alias = node.child_by_field_name("alias")
        if node.type == "namespace_import" and node.named_child_count:
            self.program.namespaces.add(name_of(node.named_children[0]))
        elif alias is not None and node.named_child_count:
            write = Write(node.named_children[0], self.scopes[0], node.end_byte)
            self.scopes[-1].bindings[name_of(alias)] = Binding(name_of(alias), [write])

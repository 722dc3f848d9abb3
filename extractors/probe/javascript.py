"""JavaScript as text: its syntax tree, and who may call it what.

tree-sitter parses a script and continues past errors. It merges nested ambiguities recursively and
crashes at about 50,000 nested brackets (0.26.1, `{a:` repeated), so that scripts with more than
`_DEEPEST_BRACKETS` are refused.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import tree_sitter_javascript
from tree_sitter import Language, Parser, Tree
from tree_sitter import Node as _Node

Node: TypeAlias = _Node

LONGEST_SCRIPT = 4 * 2**20  # bytes
_DEEPEST_BRACKETS = 2_000
_LONGEST_SOURCE = 400  # bytes of an expression that names a hole
_BRACKETS = re.compile(rb"[(\[{]+|[)\]}]+")
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\r\n|([\s\S]))")
_ESCAPED = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "0": "\0",
} | dict.fromkeys("\r\n\u2028\u2029", "")
_LAST_CODE_POINT = 0x10FFFF
WRAPPERS = ("parenthesized_expression", "await_expression")
FUNCTIONS = frozenset(
    {
        "function_declaration", "function_expression", "arrow_function", "method_definition",
        "generator_function", "generator_function_declaration",
    }
)  # fmt: skip


class Branch(NamedTuple):
    """One way through a condition: of an `if`, 0 or 1; of a `switch`, the number of the case."""

    condition: int  # the identity of its node
    option: int
    is_binary: bool


@dataclass(eq=False, slots=True)
class Scope:
    """A block or function of a script, or the whole of it."""

    script: "Script"
    parent: "Scope | None"
    node: Node | None = None
    branch: Branch | None = None
    owner: "Owner | None" = None
    bindings: dict[str, "Binding"] = field(default_factory=dict)
    # Of functions:
    is_function: bool = False
    results: list[tuple[Node, "Scope"]] = field(default_factory=list)
    calls: list["Call"] = field(default_factory=list)

    @property
    def function(self) -> "Scope":
        """Return the function around this scope, or the script's outermost scope."""
        scope = self
        while not scope.is_function and scope.parent is not None:
            scope = scope.parent
        return scope

    def binding(self, name: str) -> "Binding | None":
        """Return what a name stands for here; None for a global name."""
        scope: Scope | None = self
        while scope is not None:
            if found := scope.bindings.get(name):
                return found
            scope = scope.parent
        return None

    def declares(self, name: str) -> bool:
        """Return whether a script gives the name a value that is known here."""
        found = self.binding(name)
        return found is not None and bool(found.writes or found.parameter or found.owner)


@dataclass(eq=False, slots=True)
class Owner:
    """What `this` is: an object literal or a class, and what is assigned to its properties."""

    node: Node
    scope: Scope
    bag: "Binding"
    parent_name: str = ""


class Write(NamedTuple):
    """An assignment; `path` leads from the value to the part of it that is assigned."""

    node: Node | None
    scope: Scope
    at: int  # the byte of the script where the assignment ends
    is_addition: bool = False
    path: tuple[str, ...] = ()


class Parameter(NamedTuple):
    """A parameter of a function; `path` leads from the argument to it."""

    function: Scope
    position: int
    path: tuple[str, ...]
    default: Node | None


@dataclass(eq=False, slots=True)
class Binding:
    """A variable, parameter or class, with every assignment to it and to its properties."""

    name: str
    writes: list[Write] = field(default_factory=list)
    properties: dict[tuple[str, ...], list[Write]] = field(
        default_factory=lambda: defaultdict(list)
    )
    parameter: Parameter | None = None
    owner: Owner | None = None  # of a class


class Call(NamedTuple):
    """A call. With `each`, the parameter number `each_index` is every element of an array."""

    node: Node
    scope: Scope
    arguments: tuple[Node, ...]
    each: Node | None = None
    each_index: int = 0


class Script(NamedTuple):
    """A script and where it comes from."""

    url: str
    order: int
    source: bytes
    tree: Tree

    def excerpt(self, node: Node, length: int) -> str:
        """Return the beginning of an expression, on one line."""
        source = self.source[node.start_byte : min(node.end_byte, node.start_byte + 4 * length)]
        line = " ".join(source.decode(errors="replace").split())
        return line if len(line) <= length else f"{line[: length - 1]}…"

    def where(self, node: Node) -> str:
        """Return the URL, line and column of an expression, counted from 1."""
        row, column = node.start_point
        return f"{self.url}, {row + 1}:{column + 1}"


def parse_script(source: str, url: str, order: int) -> tuple[Script | None, bool]:
    """Return a script's syntax, and whether something was left out.

    The script is None if its brackets are too deep; one that is too long is cut.
    """
    encoded = source[: LONGEST_SCRIPT + 1].encode(errors="replace").replace(b"\0", b" ")
    is_cut = len(encoded) > LONGEST_SCRIPT
    encoded = encoded[:LONGEST_SCRIPT]
    if _depth(encoded) > _DEEPEST_BRACKETS:
        return None, True
    parser = Parser(Language(tree_sitter_javascript.language()))
    return Script(url, order, encoded, parser.parse(encoded)), is_cut


def _depth(source: bytes) -> int:
    """Return how deep brackets are nested, counting also those in strings and comments."""
    depth = deepest = 0
    for brackets in _BRACKETS.finditer(source):
        length = brackets.end() - brackets.start()
        depth = depth + length if brackets[0][:1] in b"([{" else max(0, depth - length)
        deepest = max(deepest, depth)
    return deepest


def source_of(node: Node, scope: Scope) -> str:
    """Return the beginning of an expression's text, without a copy of the rest."""
    end = min(node.end_byte, node.start_byte + _LONGEST_SOURCE)
    return scope.script.source[node.start_byte : end].decode(errors="replace")


def name_of(node: Node) -> str:
    """Return the text of an identifier."""
    return (node.text or b"").decode(errors="replace")


def unwrapped(node: Node) -> Node:
    """Return the expression within parentheses."""
    while node.type in WRAPPERS and node.named_child_count:
        node = node.named_children[0]
    return node


def string_of(node: Node) -> str | None:
    """Return the characters of a string literal."""
    if node.type != "string":
        return None
    return unescaped(name_of(node)[1:-1])


def unescaped(characters: str) -> str:
    """Return the characters that a string's escapes stand for."""
    return _ESCAPE.sub(_character, characters) if "\\" in characters else characters


def _character(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2] or escape[3]
    if code:
        point = int(code, 16)
        is_character = point <= _LAST_CODE_POINT and not 0xD800 <= point <= 0xDFFF  # noqa: PLR2004
        return chr(point) if is_character else "\ufffd"
    return _ESCAPED.get(escape[4], escape[4]) if escape[4] else ""


def key_name(node: Node) -> str | None:
    """Return the name of a property as an object literal or class writes it."""
    if node.type == "computed_property_name":
        inner = node.named_children
        return string_of(inner[0]) if inner else None
    return string_of(node) if node.type == "string" else name_of(node)


def property_name(node: Node) -> str | None:
    """Return the name in `a.name` or `a["name"]`; None if it is computed."""
    if node.type == "member_expression":
        named = node.child_by_field_name("property")
        return name_of(named) if named else None
    index = node.child_by_field_name("index")
    if index is None:
        return None
    return name_of(index) if index.type == "number" else string_of(index)


def arguments_of(call: Node) -> tuple[Node, ...]:
    """Return the arguments of a call, without comments."""
    arguments = call.child_by_field_name("arguments")
    if arguments is None or arguments.type != "arguments":
        return ()
    return tuple(node for node in arguments.named_children if node.type != "comment")


def chain_of(node: Node) -> tuple[Node, tuple[str, ...]] | None:
    """Return the first object of `a.b["c"]` and the names behind it; None if one is computed."""
    names: list[str] = []
    while node.type in ("member_expression", "subscript_expression"):
        name, inner = property_name(node), node.child_by_field_name("object")
        if name is None or inner is None or len(names) == 20:  # noqa: PLR2004
            return None
        names.append(name)
        node = unwrapped(inner)
    return node, tuple(reversed(names))

"""The ways in which the site's scripts build the URL of a call, each with what it declares before.

All of them can be followed without running a script: constants, sums, joins, templates, members of
object literals, and functions whose arguments are such.
"""

from collections.abc import Callable

from replica.today.calls import Call
from replica.today.names import BASE
from replica.today.pen import Pen

# Writes declarations with a pen, for a call and its number, and returns the URL as an expression.
Builder = Callable[[Pen, Call, int], str]


def _filters(call: Call) -> list[str]:
    return [f"{name}:{value}" for name, value in call.filters]


def by_literals(pen: Pen, call: Call, number: int) -> str:
    """Return a sum of literals."""
    columns = ",".join(call.columns)
    filters = ",".join(_filters(call))
    name = pen.name(f"address {number}")
    parts = [pen.pieces(f"{BASE}{call.method.name}/"), pen.pieces(f"{columns}/")]
    if filters:
        parts.append(pen.pieces(filters))
    pen.write(f"{pen.declare} {name} = {' + '.join(parts)};")
    return name


def by_joins(pen: Pen, call: Call, number: int) -> str:
    """Return a sum with arrays that are joined by commas."""
    columns, filters = pen.name(f"columns {number}"), pen.name(f"filters {number}")
    pen.write(f"{pen.declare} {columns} = {pen.array(call.columns)};")
    pen.write(f"{pen.declare} {filters} = {pen.array(_filters(call))};")
    comma, slash = pen.text(","), pen.text("/")
    return (
        f"{pen.text(BASE + call.method.name + '/')} + {columns}.join({comma}) + {slash} + "
        f"{filters}.join({comma})"
    )


def by_members(pen: Pen, call: Call, number: int) -> str:
    """Return a sum of members of one object literal."""
    name = pen.name(f"settings {number}")
    columns = ",".join(call.columns)
    inner = ", ".join(f"p{at}: {pen.text(text)}" for at, text in enumerate(_filters(call)))
    pen.write(
        f"{pen.declare} {name} = {{\n"
        f"  root: {pen.text(BASE)},\n"
        f"  source: {{ method: {pen.text(call.method.name)}, columns: {pen.text(columns)} }},\n"
        f"  filters: {{ {inner} }}\n}};"
    )
    slash = pen.text("/")
    bracket = pen.dice.chance(0.5)
    method = f"{name}.source[{pen.text('method')}]" if bracket else f"{name}.source.method"
    filters = [f"{name}.filters.p{at}" for at, _ in enumerate(call.filters)]
    joined = f" + {pen.text(',')} + ".join(filters) if filters else pen.text("")
    return f"{name}.root + {method} + {slash} + {name}.source.columns + {slash} + {joined}"


def by_templates(pen: Pen, call: Call, number: int) -> str:
    """Return a template string over constants."""
    base, columns = pen.name(f"base {number}"), pen.name(f"fields {number}")
    pen.write(f"const {base} = {pen.text(BASE.rstrip('/'))};")
    pen.write(f"const {columns} = {pen.array(call.columns)}.join({pen.text(',')});")
    filters = []
    for at, (name, value) in enumerate(call.filters):
        if value.isdigit() and not value.startswith("0"):
            constant = pen.name(f"value {number} {at}")
            pen.write(f"const {constant} = {value};")
            filters.append(f"{name}:${{{constant}}}")
        else:
            filters.append(f"{name}:{value}")
    return f"`${{{base}}}/{call.method.name}/${{{columns}}}/{','.join(filters)}`"


def by_parameters(pen: Pen, call: Call, number: int) -> str:
    """Return a call of a function that puts its arguments together."""
    function = pen.name(f"build address {number}")
    method, columns, filters = (pen.name(f"{word} {number}") for word in ("method", "cols", "sel"))
    slash = pen.text("/")
    pen.write(
        f"function {function}({method}, {columns}, {filters}) {{\n"
        f"  return {pen.text(BASE)} + {method} + {slash} + {columns}.join({pen.text(',')}) + "
        f"{slash} + {filters};\n}}"
    )
    joined = pen.text(",".join(_filters(call)))
    return f"{function}({pen.text(call.method.name)}, {pen.array(call.columns)}, {joined})"


def by_concat(pen: Pen, call: Call, number: int) -> str:
    """Return a path joined from an array of parts, with the years' numbers among them."""
    parts = pen.name(f"parts {number}")
    filters = []
    for name, value in call.filters:
        number_like = value.isdigit() and not value.startswith("0")
        filters.append(f"{pen.text(name + ':')} + {value if number_like else pen.text(value)}")
    shown = f" + {pen.text(',')} + ".join(filters) if filters else pen.text("")
    columns = pen.text(",".join(call.columns))
    pen.write(
        f"{pen.declare} {parts} = [{pen.text(BASE.rstrip('/'))}, {pen.text(call.method.name)}, "
        f"{columns}, {shown}];"
    )
    return f"{parts}.join({pen.text('/')})"


BUILDERS: tuple[Builder, ...] = (
    by_literals, by_joins, by_members, by_templates, by_parameters, by_concat,
)  # fmt: skip

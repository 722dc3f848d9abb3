"""A call that is built at random, in any of the ways that scripts have, is found again."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.probe.scripts import Filter, find_calls

NAMES = st.from_regex(r"[A-Za-z][A-Za-z_]{2,11}", fullmatch=True)
VALUES = st.from_regex(r"[A-Z0-9][A-Za-z0-9._]{0,8}", fullmatch=True)


@dataclass
class Rendered:
    """A script that grows by the declarations that an expression needs."""

    lines: list[str] = field(default_factory=list)

    def declare(self, value: str, keyword: str = "const") -> str:
        """Declare a variable with a value and return its name."""
        name = f"v{len(self.lines)}"
        self.lines.append(f"{keyword} {name} = {value};")
        return name


def text_expression(draw: st.DrawFn, script: Rendered, text: str) -> str:
    """Return an expression of a text, in a way that is drawn."""
    literal = f"'{text}'"
    half = len(text) // 2
    match draw(st.integers(0, 7)):
        case 0:
            return literal
        case 1:
            return script.declare(literal)
        case 2:
            return f"`{text[:half]}${{{script.declare(repr(text[half:]))}}}`"
        case 3:
            return f"('{text[:half]}' + '{text[half:]}')"
        case 4:
            return script.declare(f"{{a: {{b: {literal}}}}}") + draw(
                st.sampled_from([".a.b", "['a'].b", ".a['b']"])
            )
        case 5:
            function = script.declare(f"function (x) {{ return x + '{text[half:]}' }}")
            return f"{function}('{text[:half]}')"
        case 6:
            name = script.declare(f"'{text[:half]}'", "let")
            script.lines.append(f"{name} += '{text[half:]}';")
            return name
        case _:
            return f"encodeURIComponent({literal})"


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, str, list[str], list[Filter], dict[str, str]]:
    """Return a script, and the method, columns, filters and headers of its only call."""
    script = Rendered()
    method = draw(NAMES)
    columns = draw(st.lists(NAMES, min_size=1, max_size=4))
    filters = draw(st.lists(st.builds(Filter, NAMES, VALUES, st.booleans()), max_size=3))
    headers = draw(st.dictionaries(NAMES, VALUES, max_size=3))
    parts = [text_expression(draw, script, method)]
    elements = [text_expression(draw, script, column) for column in columns]
    parts.append(f"[{', '.join(elements)}].join(',')")
    pairs = [f"{'--' * kept.is_ordering}{kept.name}:{kept.value}" for kept in filters]
    if pairs:
        parts.append(text_expression(draw, script, ",".join(pairs)))
    base = text_expression(draw, script, "/x_rest_api/")
    url = draw(
        st.sampled_from(
            [
                f"{base} + " + " + '/' + ".join(parts),
                f"{base} + [{', '.join(parts)}].join('/')",
                f"`${{{base}}}" + "/".join(f"${{{part}}}" for part in parts) + "`",
            ]
        )
    )
    entries = [f"'{name}': {text_expression(draw, script, headers[name])}" for name in headers]
    options = f"{{headers: {{{', '.join(entries)}}}}}"
    sent = draw(
        st.sampled_from([f"fetch({url}, {options});", f"$.ajax({{url: {url}, {options[1:-1]}}});"])
    )
    lines = [*script.lines, sent]
    if draw(st.booleans()):
        lines = ["(function ($) {", *lines, "})(jQuery);"]
    joined = draw(st.sampled_from(["\n", " "])).join(lines)
    return joined, method, columns, filters, headers


@settings(max_examples=150, deadline=None)
@given(calls())
def test_a_random_call_is_found_again(
    made: tuple[str, str, list[str], list[Filter], dict[str, str]],
) -> None:
    script, method, columns, filters, headers = made
    found = find_calls(script, "https://gateway.example/a.js")
    assert [
        (call.base, call.method, list(call.columns), list(call.filters), dict(call.headers))
        for call in found
    ] == [("/x_rest_api", method, columns, filters, headers)]

"""Selectors match what lexbor's own matcher finds, and weigh what the standard says."""

import pytest
import tinycss2
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from extractors.parse.html.selectors import Matcher, Selector, UnknownSelectorError, parse_selectors

TAGS = st.sampled_from(["div", "p", "i"])
CLASSES = st.sampled_from(["", " class=a", " class='a b'", " class=b id=x"])
PARTS = st.sampled_from(["*", "div", "p", ".a", ".b", "#x", "p.a", "i:not(.a)", "p:nth-child(2)"])
COMBINATORS = st.sampled_from([" ", ">", " > ", "+", " ~ "])


def selectors_of(text: str) -> list[Selector]:
    return parse_selectors(tinycss2.parse_component_value_list(text))


@st.composite
def trees(draw: st.DrawFn, depth: int = 0) -> str:
    children = draw(st.integers(0, 3 if depth < 3 else 0))
    inner = "".join(draw(trees(depth + 1)) for _ in range(children))
    tag = draw(TAGS) if depth else "div"
    return f"<{tag}{draw(CLASSES)}>{inner}</{tag}>"


@given(
    html=trees(),
    first=PARTS,
    others=st.lists(st.tuples(COMBINATORS, PARTS), max_size=3),
)
def test_a_selector_matches_the_elements_that_lexbor_finds(
    html: str, first: str, others: list[tuple[str, str]]
) -> None:
    tree = LexborHTMLParser(html)
    text = first + "".join(combinator + part for combinator, part in others)
    (selector,) = selectors_of(text)
    assert sorted(Matcher(tree).match(selector)) == sorted(node.mem_id for node in tree.css(text))


@pytest.mark.parametrize(
    ("text", "specificity"),
    [
        ("*", (0, 0, 0)), ("td", (0, 0, 1)), ("table tr > td", (0, 0, 3)), (".a.b", (0, 2, 0)),
        ("#x .a td:first-child", (1, 2, 1)), ("[hidden]", (0, 1, 0)), (":not(#x, td)", (1, 0, 0)),
        (":is(.a, td) i", (0, 1, 1)), (":where(#x) i", (0, 0, 1)), ("td:nth-child(2n)", (0, 1, 1)),
    ],
)  # fmt: skip
def test_a_selector_weighs_what_the_standard_says(
    text: str, specificity: tuple[int, int, int]
) -> None:
    assert selectors_of(text)[0].specificity == specificity


def test_pseudo_elements_and_states_of_use_match_nothing_and_void_nothing() -> None:
    assert [one.parts for one in selectors_of("a::before, a:after, a:visited, b")] == [(("", "b"),)]


def test_a_selector_that_no_browser_knows_voids_its_rule() -> None:
    matcher = Matcher(LexborHTMLParser("<p>1"))
    with pytest.raises(UnknownSelectorError):
        [matcher.match(one) for one in selectors_of("p, p:no-such-state")]

"""What lexbor wrote out, cut into tags and texts; of a table, only what is to be seen in it."""

import re
from collections.abc import Iterable, Iterator, Sequence

CELLS = frozenset({"td", "th"})
LISTS_AND_HEADINGS = ("ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6")
ATTRIBUTE = re.compile(r'\s([^\s=">]+)="([^"]*)"')
Token = tuple[str, str, str, str]  # a plain table, or a tag and its attributes; the text behind

_TAG = r"<(?:!--(?s:.*?)--|(/?[^\s/>!]++)([^>]*+))>"
# A table of nothing but rows of texts, as most are; or one tag, or a comment; and the text behind.
# Lexbor writes `<` and `>` as entities in attributes too.
_TOKEN = re.compile(
    r"(?:(<table\b[^>]*+>[^<]*+(?:</?(?:tbody|thead|tfoot|tr|td|th)\b[^>]*+>[^<]*+)*+</table>)"
    rf"|{_TAG})([^<]*+)"
)
_TAG_ALONE = re.compile(rf"(){_TAG}([^<]*+)")
_DISPLAY_NONE = re.compile(r"display\s*:\s*none\b", re.IGNORECASE)
_HOLDING_NOTHING = frozenset({"br", "hr", "img", "input", "wbr", "col", "embed"})


def tokens_of(html: str) -> Iterable[Token]:
    """The tags of a page in order, each with the text behind it."""
    styled = "isplay" in html or "ISPLAY" in html  # quicker than the pattern, which few need
    if " hidden=" in html or (styled and _DISPLAY_NONE.search(html)):
        return _shown(_TAG_ALONE.findall(html))
    return _TOKEN.findall(html)


def _shown(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens without the rows, cells and parts of cells that are hidden.

    What holds a table, a list or a heading is kept, and in a cell what holds paragraphs: a page
    hides what another choice would show.
    """
    ends, whole, prose = _ends(tokens)
    in_cell: list[bool] = []  # of each open table
    at = 0
    while at < len(tokens):
        _, tag, attributes, _ = tokens[at]
        of_table = tag == "tr" or tag in CELLS
        may_hide = attributes and bool(in_cell) and (of_table or in_cell[-1])
        end = ends.get(at) if may_hide and _is_hidden(attributes) else None
        if end is not None and end not in whole and (of_table or end not in prose):
            yield "", "", "", tokens[end][3]
            at = end + 1
            continue
        if tag == "table":
            in_cell.append(False)
        elif tag == "/table" and in_cell:
            in_cell.pop()
        elif in_cell and tag.removeprefix("/") in CELLS:
            in_cell[-1] = not tag.startswith("/")
        yield tokens[at]
        at += 1


def _ends(tokens: Sequence[Token]) -> tuple[dict[int, int], set[int], set[int]]:
    """Where each element ends; of those, the ends of what holds a table and the like, or prose."""
    ends: dict[int, int] = {}
    whole: set[int] = set()
    prose: set[int] = set()
    opened: list[tuple[str, int]] = []
    last_whole = last_paragraph = -1
    for at, (_, tag, _, _) in enumerate(tokens):
        if tag.startswith("/"):
            name, start = opened.pop() if opened else ("", -1)
            if name == tag[1:]:
                ends[start] = at
                if last_whole > start:
                    whole.add(at)
                if last_paragraph > start:
                    prose.add(at)
        elif tag and tag not in _HOLDING_NOTHING:
            opened.append((tag, at))
            if tag == "table" or tag in LISTS_AND_HEADINGS:
                last_whole = at
            elif tag == "p":
                last_paragraph = at
    return ends, whole, prose


def _is_hidden(attributes: str) -> bool:
    return any(
        name == "hidden" or (name == "style" and _DISPLAY_NONE.search(value))
        for name, value in ATTRIBUTE.findall(attributes)
    )

"""What a page's own styles say of its elements: its style sheets, attributes, and the cascade.

Only what hides a text, raises it, makes it small or sets it apart is of interest. Style sheets of
other files are not known. Media queries are answered as on a screen of 1,280 by 720.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import tinycss2
from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractors.page_kinds import PageRefusedError
from extractors.parse.base.spans import read_span
from extractors.parse.html.selectors import (
    Matcher,
    UnknownSelectorError,
    parse_selectors,
    split_selectors,
)

Styles = dict[str, str]  # by property, of one element
_Priority = tuple[bool, int, tuple[int, int, int], int]  # important, origin, specificity, order

_LARGEST_SHEETS = 4 * 2**20  # characters
_LONGEST_SELECTORS = 20_000  # characters, of a nested rule
_RELEVANT = (
    "display", "visibility", "opacity", "font", "vertical-align", "text-decoration", "white-space",
    "position", "float", "\\",
)  # fmt: skip
_GLOBAL = r"inherit|initial|unset|revert|revert-layer"
_LENGTH = r"[-+]?(?:[0-9]+\.?|[0-9]*\.[0-9]+)(?:[eE][-+]?[0-9]+)?(?:[a-z]+|%)?"
# The values that a browser takes; a declaration with any other is as if not there.
_VALUES = {
    name: re.compile(f"(?:{values}|{_GLOBAL})")
    for name, values in {
        "display": r"none|contents|(?:inline|block|flow|table|list-item|flex|grid|ruby|flow-root|"
        r"math|run-in|-webkit-box|-webkit-inline-box)(?:[- ][a-z -]+)?",
        "visibility": "visible|hidden|collapse",
        "content-visibility": "visible|hidden|auto",
        "opacity": _LENGTH,
        "font-size": rf"{_LENGTH}|(?:xx?-)?(?:small|large)|medium|smaller|larger|xxx-large",
        "vertical-align": rf"{_LENGTH}|baseline|super|sub|(?:text-)?(?:top|bottom)|middle",
        "text-decoration-line": "[a-z -]+",
        "white-space": "[a-z -]+",
        "position": "static|relative|absolute|fixed|sticky",
        "float": "none|left|right|inline-start|inline-end",
        "top": rf"auto|{_LENGTH}",
        "bottom": rf"auto|{_LENGTH}",
    }.items()
}
_FONT_SIZE = re.compile(
    rf"(?:^|\s)({_LENGTH}|(?:xx?-)?(?:small|large)|medium|smaller|larger)\s*[/\s]"
)
# Of more digits Python makes no number; no size has so many.
_LONG_NUMBER = re.compile(r"([0-9]{300})[0-9]+")
_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_WIDTH = re.compile(
    r"\((?P<end>min|max)-(?:device-)?width\s*:\s*(?P<length>[0-9]*\.?[0-9]+)(?P<unit>px|r?em)\)"
)
_MOST_COLUMNS = 100_000  # that a page can hide
_SCREEN_WIDTH, _EM = 1280, 16  # CSS pixels
_ATTRIBUTE, _SHEET, _LAYER = 1, 0, -1  # origins
_HINT: _Priority = (False, -2, (0, 0, 0), 0)


class PageStyles:
    """The declarations that hold for each element, by its `mem_id`; none for most pages."""

    def __init__(self) -> None:
        self.of: dict[int, Styles] = {}
        self.classes: frozenset[str] = frozenset()  # those that the sheets name
        self._priorities: dict[tuple[int, str], _Priority] = {}

    def declare(self, mem_id: int, name: str, value: str, priority: _Priority) -> None:
        """Let a declaration hold, unless a stronger one holds already."""
        if priority >= self._priorities.get((mem_id, name), priority):
            self._priorities[mem_id, name] = priority
            self.of.setdefault(mem_id, {})[name] = value


def collapsed_columns(table: LexborNode, styles: PageStyles) -> set[int]:
    """Return the columns of a table that `<col>` and `<colgroup>` hide."""
    collapsed: set[int] = set()
    at = 0
    for group in table.iter():
        around = styles.of.get(group.mem_id, {})
        if group.tag != "colgroup" or around.get("display") == "none":
            continue
        for node in [node for node in group.iter() if node.tag == "col"] or [group]:
            own = styles.of.get(node.mem_id, {})
            if own.get("display") == "none":  # no column, as browsers have it
                continue
            visibility = own.get("visibility", "inherit")
            if visibility in {"inherit", "unset"}:
                visibility = around.get("visibility", "visible")
            width = read_span(node.attributes.get("span"))
            if visibility == "collapse":
                collapsed.update(range(at, min(at + width, _MOST_COLUMNS)))
            at += width
    return collapsed


class _Rule(NamedTuple):
    prelude: Sequence[Any]
    declarations: list[tuple[str, str, bool]]  # property, value, whether it is important
    layered: bool


def styles_of(tree: LexborHTMLParser, lower: str) -> PageStyles:
    """Return what the page's own styles say of its elements.

    Args:
        tree: the page.
        lower: its source in lower case.

    Raises:
        PageRefusedError: the style sheets are made to exhaust whoever applies them.
    """
    styles = PageStyles()
    if tree.root is None or not ("style" in lower or "hidden" in lower):
        return styles
    _add_inline(styles, tree.root)
    if "hidden" in lower:
        _add_hidden(styles, tree.root)
    sheets = [node.text() for node in tree.root.css("style") if _applies(node)]
    if not any(map(_is_relevant, sheets)):
        styles.classes = frozenset(_CLASS.findall(" ".join(sheets)))
        return styles
    if sum(map(len, sheets)) > _LARGEST_SHEETS:
        raise PageRefusedError(
            "style_too_costly", f"its style sheets have more than {_LARGEST_SHEETS:,} characters"
        )
    try:
        _add_sheets(styles, tree, sheets)
    except RecursionError as error:
        raise PageRefusedError("style_too_costly", "its style sheets nest too deep") from error
    return styles


def _is_relevant(text: str) -> bool:
    """Return whether some style may be of interest; a backslash may stand for any letter."""
    lower = text.lower()
    return any(word in lower for word in _RELEVANT)


def _applies(sheet: LexborNode) -> bool:
    attributes = sheet.attributes
    kind = (attributes.get("type") or "text/css").strip().lower()
    media = attributes.get("media")
    return kind == "text/css" and (not media or _matches(media))


def _add_inline(styles: PageStyles, root: LexborNode) -> None:
    """Add what `style` attributes say."""
    parsed: dict[str, list[tuple[str, str, bool]]] = {}
    for node in root.css("[style]"):
        text = node.attributes.get("style") or ""
        if _is_relevant(text):
            if text not in parsed:
                parsed[text] = list(_declarations(text))
            for order, (name, value, important) in enumerate(parsed[text]):
                priority = (important, _ATTRIBUTE, (0, 0, 0), order)
                styles.declare(node.mem_id, name, value, priority)


def _add_hidden(styles: PageStyles, root: LexborNode) -> None:
    """Add what `hidden` says, and `aria-hidden` of rows."""
    for node in root.css("[hidden]"):
        styles.declare(node.mem_id, "display", "none", _HINT)
    rows = ",".join(f'{tag}[aria-hidden="true"]' for tag in ("tr", "tbody", "thead", "tfoot"))
    for node in root.css(rows):
        # Its cells keep their places, those too that reach into the rows below.
        styles.declare(node.mem_id, "opacity", "0", (True, _ATTRIBUTE, (9, 0, 0), 0))


def _add_sheets(styles: PageStyles, tree: LexborHTMLParser, sheets: Sequence[str]) -> None:
    styles.classes = frozenset(_CLASS.findall(" ".join(sheets)))
    matcher: Matcher | None = None
    rules = (rule for sheet in sheets for rule in _rules(_nodes(sheet), layered=False))
    for order, rule in enumerate(rules):
        matcher = matcher or Matcher(tree)
        try:
            found = [(one, matcher.match(one)) for one in parse_selectors(rule.prelude)]
        except UnknownSelectorError:
            continue
        for selector, mem_ids in found:
            for name, value, important in rule.declarations:
                origin = _LAYER if rule.layered != important else _SHEET
                priority = (important, origin, selector.specificity, order)
                for mem_id in mem_ids:
                    styles.declare(mem_id, name, value, priority)


def _nodes(sheet: str) -> list[Any]:
    nodes: list[Any] = tinycss2.parse_stylesheet(
        _LONG_NUMBER.sub(r"\1", sheet), skip_comments=True, skip_whitespace=True
    )
    return nodes


def _rules(nodes: Sequence[Any], *, layered: bool, parent: str = "") -> Iterator[_Rule]:
    """Yield the rules of interest that apply on a screen.

    Args:
        nodes: the rules of a sheet, of a block, or within the rule of the selectors `parent`.
        layered: whether they stand in a layer.
        parent: selectors, of which those of nested rules are parts.
    """
    for node in nodes:
        if node.type == "qualified-rule":
            prelude = _nested(node.prelude, parent) if parent else node.prelude
            if declarations := list(_declarations(node.content)):
                yield _Rule(prelude, declarations, layered)
            if any(token.type == "{} block" for token in node.content):
                inner = _contents(node.content)
                yield from _rules(inner, layered=layered, parent=tinycss2.serialize(prelude))
        elif node.type == "at-rule" and node.content is not None:
            keyword = node.lower_at_keyword
            applies = keyword in {"supports", "layer"} or (
                keyword == "media" and _matches(tinycss2.serialize(node.prelude))
            )
            if applies:
                if parent and (declarations := list(_declarations(node.content))):
                    yield _Rule(_values(parent), declarations, layered)
                inner = (
                    _contents(node.content)
                    if parent
                    else tinycss2.parse_rule_list(
                        node.content, skip_comments=True, skip_whitespace=True
                    )
                )
                yield from _rules(inner, layered=layered or keyword == "layer", parent=parent)


def _contents(block: Any) -> list[Any]:
    nodes: list[Any] = tinycss2.parse_blocks_contents(
        block, skip_comments=True, skip_whitespace=True
    )
    return nodes


def _values(text: str) -> list[Any]:
    values: list[Any] = tinycss2.parse_component_value_list(text)
    return values


def _nested(prelude: Sequence[Any], parent: str) -> list[Any]:
    """Return the selectors of a nested rule with those around it in the place of each `&`.

    Raises:
        PageRefusedError: they are longer than any that people write.
    """
    texts, length = [], 0
    for around in split_selectors(_values(parent)):
        outer = tinycss2.serialize(around).strip()
        for part in split_selectors(prelude):
            text = tinycss2.serialize(part).strip()
            text = text if "&" in text else f"& {text}"
            length += len(text) + text.count("&") * len(outer)
            if length > _LONGEST_SELECTORS:
                raise PageRefusedError(
                    "style_too_costly", "its style sheets nest selectors too deep", parent[:200]
                )
            first = outer if text.startswith("&") else f":is({outer})"
            texts.append(text.replace("&", first, 1).replace("&", f":is({outer})"))
    return _values(", ".join(texts))


def _declarations(content: Any) -> Iterator[tuple[str, str, bool]]:
    """Yield the declarations of interest with values that a browser takes."""
    for node in _contents(content):
        if node.type != "declaration":
            continue
        tokens = [token for token in node.value if token.type != "comment"]
        value = " ".join(tinycss2.serialize(tokens).lower().split())
        name = node.lower_name
        if name == "font":
            name, found = "font-size", _FONT_SIZE.search(f"{value} ")
            value = found[1] if found else value
        elif name == "text-decoration":
            name = "text-decoration-line"
            value = "line-through" if "line-through" in value else "none"
        if (known := _VALUES.get(name)) is not None and known.fullmatch(value):
            yield name, value, node.important


def _matches(media: str) -> bool:
    """Return whether a list of media queries holds for a screen of 1,280 pixels' width."""
    return any(map(_query_matches, media.lower().split(",")))


def _query_matches(query: str) -> bool:
    kind, *conditions = re.split(r"\sand\s", query.strip())
    kind = kind.removeprefix("only ").strip()
    is_not = kind.startswith("not ")
    kind = kind.removeprefix("not ").strip()
    if kind.startswith("("):
        kind, conditions = "all", [kind, *conditions]
    holds = kind in {"all", "screen", ""} and all(map(_condition_holds, conditions))
    return holds != is_not


def _condition_holds(condition: str) -> bool:
    found = _WIDTH.fullmatch(condition.strip())
    if found is None:
        return condition.strip() in {"(orientation: landscape)", "(prefers-color-scheme: light)"}
    width = float(found["length"]) * (1 if found["unit"] == "px" else _EM)
    return width <= _SCREEN_WIDTH if found["end"] == "min" else width >= _SCREEN_WIDTH

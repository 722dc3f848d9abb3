"""How a text looks: whether it is seen at all, and how high, how large and in which link it stands.

A browser's own styles for elements, and those that the page declares, are the same thing here.
"""

import re

from extractors.parse.base.cells import USUAL_SIZE, Look
from extractors.parse.html.styles import PageStyles, Styles

_SMALLER = 5 / 6
_KEYWORDS = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "initial": 16.0,
    "large": 18.0, "x-large": 24.0, "xx-large": 32.0, "xxx-large": 48.0,
}  # fmt: skip
_UNITS = {
    "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4,
    "q": 96 / 101.6, "rem": USUAL_SIZE,
}  # fmt: skip
_OF_PARENT = {"%": 0.01, "em": 1.0, "ex": 0.5, "ch": 0.5, "smaller": _SMALLER, "larger": 1.2}
_LENGTH = re.compile(r"([-+]?[0-9.]+(?:e[-+]?[0-9]+)?)([a-z]+|%)?")
_FONT_SIZES = (10.0, 10.0, 13.0, 16.0, 18.0, 24.0, 32.0, 48.0)  # of <font size=...>
_FONT_SIZE = re.compile(r"\s*([-+]?)([0-9]{1,3})")
_RAISED = frozenset({"super", "text-top", "top"})
_LOWERED = frozenset({"sub", "text-bottom", "bottom"})
_TAGS_SIZES = {"sup": _SMALLER, "sub": _SMALLER, "small": _SMALLER, "big": 1.2, "rt": 0.5}
_HEIGHTS = {"sup": 1, "sub": -1, "rt": 1}
_STRUCK = frozenset({"del", "s", "strike"})
KEEPING_LINES = frozenset({"pre", "listing"})
_MARK_CLASS = re.compile(
    r"(?:fn|fnote|noteref|sup|superscript)(?:[-_]?[0-9a-z]{0,3})|foot-?note.*|end-?note.*|note-?ref.*",
    re.IGNORECASE,
)
_MARK_ROLES = frozenset({"doc-noteref", "doc-footnote", "noteref", "footnote"})
_OUT_OF_LINE = frozenset({"absolute", "fixed"})
# Elements that begin and end a line; all others stand within one, unknown ones too.
BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "col", "colgroup",
        "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure",
        "footer", "form", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr",
        "html", "legend", "li", "listing", "main", "menu", "nav", "ol", "optgroup", "option", "p",
        "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
        "ul",
    }
)  # fmt: skip


def look_within(
    tag: str, attributes: dict[str, str | None], styles: PageStyles, declared: Styles, look: Look
) -> Look:
    """Return the look of the text in an element.

    Args:
        tag: of the element.
        attributes: of the element.
        styles: the page's own.
        declared: those of the element.
        look: of the text around the element.
    """
    size = _size(tag, attributes, declared.get("font-size"), look.size)
    visible = _VISIBILITIES.get(declared.get("visibility", ""), look.visible)
    line = declared.get("text-decoration-line", "line-through" if tag in _STRUCK else "none")
    sealed = look.sealed or line == "line-through" or _is_transparent(declared)
    height = look.height
    href, of_class = look.href, look.of_class
    if tag not in BLOCKS:
        height = _height(tag, declared) or look.height
        classes = attributes.get("class")
        if _is_mark(attributes):
            height = height or 1
        elif classes and not height and not styles.classes.issuperset(classes.split()):
            of_class = classes
        if tag == "a":
            href = attributes.get("href") or href
        elif tag == "button":  # which opens something, as a link does
            href = "#"
    keeps_lines = look.keeps_lines or tag in KEEPING_LINES
    if (white_space := declared.get("white-space")) is not None:
        keeps_lines = white_space.startswith("pre") or white_space == "break-spaces"
    shown = visible and not sealed and size > 0
    return Look(shown, visible, sealed, size, height, href, of_class, keeps_lines)


_VISIBILITIES = {"visible": True, "initial": True, "hidden": False, "collapse": False}


def is_gone(declared: Styles) -> bool:
    """Return whether nothing of an element is seen, and it takes no place."""
    return declared.get("display") == "none"


def _is_transparent(declared: Styles) -> bool:
    """Return whether nothing of an element is seen, though it takes its place."""
    opacity = declared.get("opacity")
    if opacity and (found := _LENGTH.fullmatch(opacity)) and float(found[1]) <= 0:
        return True
    return declared.get("content-visibility") == "hidden"


def ends_line(tag: str, declared: Styles) -> bool:
    """Return whether an element begins and ends a line."""
    out_of_line = declared.get("position") in _OUT_OF_LINE or declared.get("float", "none") in {
        "left", "right", "inline-start", "inline-end",
    }  # fmt: skip
    display = declared.get("display")
    if out_of_line or display in {None, "revert", "revert-layer"}:
        return out_of_line or tag in BLOCKS
    return not (display.startswith(("inline", "ruby", "contents", "initial", "unset")))


def sets_apart(declared: Styles) -> bool:
    """Return whether each element directly in an element is a box of its own."""
    return declared.get("display", "").endswith(("flex", "grid"))


def _size(
    tag: str, attributes: dict[str, str | None], declared: str | None, parent: float
) -> float:
    if declared is not None and (size := parse_size(declared, parent)) is not None:
        return size
    if tag == "font" and (found := _FONT_SIZE.match(attributes.get("size") or "")):
        signs = {"": 0, "+": 3, "-": 3}
        number = signs[found[1]] + (-1 if found[1] == "-" else 1) * int(found[2])
        return _FONT_SIZES[max(1, min(number, 7))]
    return parent * _TAGS_SIZES.get(tag, 1)


def parse_size(declared: str, parent: float) -> float | None:
    """Return a font's size in CSS pixels; None if it is that of the text around it."""
    if declared in _KEYWORDS:
        return _KEYWORDS[declared]
    if declared in _OF_PARENT:
        return parent * _OF_PARENT[declared]
    found = _LENGTH.fullmatch(declared)
    if found is None:
        return None
    number, unit = float(found[1]), found[2]
    if unit in _OF_PARENT:
        return parent * number * _OF_PARENT[unit]
    return number * _UNITS.get(unit or "px", 1.0)


def _height(tag: str, declared: Styles) -> int:
    """Return 1 if an element is raised above its line, -1 if it is lowered."""
    align = declared.get("vertical-align")
    if align is not None:
        if align in _RAISED:
            return 1
        if align in _LOWERED:
            return -1
        found = _LENGTH.fullmatch(align)
        return (0 if found is None else _sign(found[1])) or _shift(declared)
    return _HEIGHTS.get(tag, 0) or _shift(declared)


def _shift(declared: Styles) -> int:
    if declared.get("position") != "relative":
        return 0
    for name, sign in (("top", -1), ("bottom", 1)):
        if found := _LENGTH.fullmatch(declared.get(name, "")):
            return sign * _sign(found[1])
    return 0


def _sign(number: str) -> int:
    value = float(number)
    return (value > 0) - (value < 0)


def _is_mark(attributes: dict[str, str | None]) -> bool:
    """Return whether an element says of itself that it is the mark of a footnote."""
    if any(attributes.get(name) in _MARK_ROLES for name in ("role", "epub:type")):
        return True
    classes = (attributes.get("class") or "").split()
    return any(map(_MARK_CLASS.fullmatch, classes))

"""Limits on pages, checked before they are parsed: what no page of the site comes near.

They bound the memory and time that a hostile page can take.
"""

import re
from collections import Counter
from collections.abc import Iterable

from extractors.page_kinds import PageRefusedError

_LARGEST_PAGE = 16 * 2**20  # characters
_MANY_TAGS, _MOST_TAGS = 20_000, 500_000
_FEW_TAGS = 1_400  # cannot make more than the square of their half, which is below _MOST_TAGS
_DEEPEST = 5_000
_LINE_ENDS, _MOST_LINES = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", 500_000
# Elements that an HTML parser opens again in every block that follows, until they are closed.
_FORMATTING = (
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
)  # fmt: skip
# The start of one that is not closed right behind its text, as nearly all are.
_LEFT_OPEN = re.compile(
    rf"""<(?=[{"".join(sorted({name[0] for name in _FORMATTING}))}])({"|".join(_FORMATTING)})\b"""
    r"""(?!(?:[^<>"']|"[^"<>]*"|'[^'<>]*')*+>[^<]*+</\1>)""",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"<(?:!--(?:-?>|.*?(?:--!?>|\Z))|(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)"
    r"""(?:[^>=]++|=\s*+(?:"[^"]*"|'[^']*')?)*+)""",
    re.DOTALL,
)
# Void elements, and those without an end tag in many pages.
_NO_DEPTH = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
        "source", "track", "wbr", "p", "li", "td", "th", "tr", "option",
    }
)  # fmt: skip


def check_size(text: str) -> None:
    """Refuse a page with too many characters."""
    if len(text) > _LARGEST_PAGE:
        raise PageRefusedError(
            "page_too_large", f"the page has more than {_LARGEST_PAGE:,} characters"
        )


def check_repeated(texts: Iterable[str]) -> None:
    """Refuse a page whose figures have more text than a page, each with the text of its row.

    A figure is stored with its row's text and its organization's name: a row with a name of 100 KB
    and a hundred years would take 30 MB.
    """
    if sum(map(len, texts)) > _LARGEST_PAGE:
        raise PageRefusedError(
            "table_too_large",
            f"the rows of all figures have more than {_LARGEST_PAGE:,} characters",
        )


def check_lines(text: str) -> None:
    """Refuse text with too many lines or cells, each of which takes about a hundred bytes."""
    for rule, what, marks in (
        ("page_too_large", "lines", _LINE_ENDS),
        ("table_too_large", "|", "|"),
    ):
        if sum(map(text.count, marks)) > _MOST_LINES:
            raise PageRefusedError(rule, f"the page has more than {_MOST_LINES:,} {what}")


def check_markup(text: str) -> None:
    """Refuse markup that would take minutes.

    Lexbor's time grows as the square of the depth. So does its output if formatting elements are
    left open, since it opens them again in every block that follows.
    """
    if (tags := text.count("<")) <= _FEW_TAGS:
        return
    if tags > _MOST_TAGS:
        raise PageRefusedError("page_too_large", f"the page has more than {_MOST_TAGS:,} tags")
    if tags < _MANY_TAGS and tags * len(_LEFT_OPEN.findall(text)) <= _MOST_TAGS:
        return
    opened: Counter[str] = Counter()
    depth = formatting = made = 0
    for tag in _TAG.finditer(text):
        name = (tag["name"] or "").lower()
        if name and not tag["end"] and name not in _FORMATTING:
            made += formatting
        if made > _MOST_TAGS:
            raise PageRefusedError(
                "page_too_large",
                f"formatting that is left open makes more than {_MOST_TAGS:,} tags of the page's",
            )
        if not name or name in _NO_DEPTH:
            continue
        if not tag["end"]:
            change = 1
        elif opened[name]:
            change = -1
        else:  # an end tag without its element closes nothing
            continue
        opened[name] += change
        depth += change
        if name in _FORMATTING:
            formatting += change
        if depth > _DEEPEST:
            raise PageRefusedError(
                "nested_too_deep", f"elements stand more than {_DEEPEST:,} deep within each other"
            )

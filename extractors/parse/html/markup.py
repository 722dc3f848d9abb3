"""The tree of a page, and whether its source breaks off.

Lexbor repairs a page as a browser would: every element is closed in its tree. So a comment is
added behind the source, and where it comes to stand tells what was open: behind a whole page it
stands behind `</html>`.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

_END = "end of the source"
_TORN_TAG = re.compile(r"<(?:[a-zA-Z/!?][^<>]*)?")
_HEAD = re.compile(r"<(?:html|head)\b", re.IGNORECASE)
_HTML_END = re.compile(r"</html\s*>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_IN_TABLES = frozenset({"table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption"})


class Markup:
    """A page's source and tree.

    Attributes:
        text: the source.
        lower: the source in lower case.
        tree: what a browser would make of it.
        cut_short: whether the source breaks off: with a table open, or without `</html>` though it
            has a head.
        open_at_end: if it breaks off, the `mem_id` of each element that was open there.
        last: if it breaks off, the `mem_id` of the last node of all.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = text.lower()
        torn_at = text.rfind("<")
        is_torn = torn_at >= 0 and _TORN_TAG.fullmatch(text, torn_at) is not None
        whole = text[:torn_at] if is_torn else text
        self.tree = _parse(whole)
        at_end = list(_last_nodes(self.tree))
        in_table = any(node.tag in _IN_TABLES for node in at_end)
        self.cut_short = in_table or is_torn or (not _ends(at_end, whole) and _has_head(whole))
        self.open_at_end = {node.mem_id for node in at_end} if self.cut_short else set[int]()
        self.last = at_end[-1].mem_id if self.cut_short and at_end else None


def _parse(text: str) -> LexborHTMLParser:
    return LexborHTMLParser(f"{text}<!--{_END}-->", scripting=True)


def _last_nodes(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    """Yield the last node of the document, the last in that, and so on."""
    node = tree.root.parent if tree.root else None
    while node is not None and (node := node.last_child) is not None:
        yield node


def _has_head(text: str) -> bool:
    return _HEAD.search(_COMMENT.sub("", text)) is not None


def _ends(at_end: list[LexborNode], text: str) -> bool:
    """Return whether `</html>` is in the source; scripts and the like may stand behind it."""
    if _is_behind_all(at_end):
        return True
    *_, last = (None, *_HTML_END.finditer(text))
    if last is None or _has_head(text[last.end() :]):  # the beginning of a second page
        return False
    return _is_behind_all(list(_last_nodes(_parse(text[: last.end()]))))


def _is_behind_all(at_end: list[LexborNode]) -> bool:
    return len(at_end) == 1 and at_end[0].is_comment_node

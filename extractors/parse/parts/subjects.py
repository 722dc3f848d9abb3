"""One page, one subject: the check that a file does not hold the pages of two.

Files are joined by hand, by crawlers' tools and by broken archives. Then the figures of one
programme would be loaded as another's. So a page with the identity of a second subject is refused.
The same subject twice is no fault: a page and its print view.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from extractors.parse.base.blocks import Block, texts_of
from extractors.parse.parts.identity import LABELS, TITLE
from extractors.records import PageRefusedError

_LABEL_OF_ID = re.compile(r"Project ID\s*\**\s*:[\s|]*", re.IGNORECASE)
_INITIALS = "PpTt"  # of the labels of an ID and of a title
# An ID, maybe a damaged one, with nothing behind it but the next label. In prose there is more.
_ID = re.compile(
    r"(?P<id>(?=\w{0,20}?[0-9])\w{1,30}?)[\s|]*(?:(?:"
    + "|".join(LABELS.values())
    + r")\s*\**\s*:.*)?",
    re.DOTALL,
)
_END, _COMMENT, _COMMENT_END = "</html", "<!--", "-->"
_STARTS = ("<html", "<!doctype html")


def check_one_subject(blocks: Sequence[Block], markup: str = "") -> None:
    """Check that a page has the identity of no more than one subject.

    Args:
        blocks: the whole page.
        markup: its source if it is HTML, which may be two documents.

    Raises:
        PageRefusedError: it is two pages.
    """
    marked = [pair for pair in pairwise([*texts_of(blocks), ""]) if pair[0][0] in _INITIALS]
    ids = list(_printed_ids(marked))
    titles = list(_titles(marked))
    if len(set(ids)) > 1:
        raise two_subjects("Project ID", ids)
    if len(set(map(str.casefold, titles))) > 1 and len(titles) > len(ids):
        raise two_subjects("title", titles)
    later = list(_later_documents(markup.lower()))
    is_told_apart = len(later) < max(len(ids), len(titles))
    if not is_told_apart and any("<table" in document for document in later):
        raise PageRefusedError(
            "two_pages",
            f"{len(later) + 1} HTML documents in one file, not each with its own subject",
            " / ".join([*ids, *titles]),
        )


def two_subjects(what: str, values: Iterable[str]) -> PageRefusedError:
    """Return the refusal of a page with several IDs or titles."""
    quoted = " and ".join(dict.fromkeys(values))
    return PageRefusedError("two_subjects", f"the page has more than one {what}: {quoted}", quoted)


def _later_documents(markup: str) -> Iterator[str]:
    """Yield each HTML document that begins where another has ended, but for comments."""
    start = None
    at = markup.find(_END)
    while at != -1:
        at = markup.find("<", at + 1)
        while at != -1 and markup.startswith(_COMMENT, at):
            end = markup.find(_COMMENT_END, at)
            at = markup.find("<", end) if end != -1 else -1
        if at != -1 and markup.startswith(_STARTS, at):
            if start is not None:
                yield markup[start:at]
            start = at
        at = markup.find(_END, at) if at != -1 else -1
    if start is not None:
        yield markup[start:]


def _printed_ids(marked: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the Project ID of each identity block or caption, in eight digits if it is one.

    Each text comes with the one behind it, which may be the ID.
    """
    for text, following in marked:
        if label := _LABEL_OF_ID.match(text):
            found = _ID.fullmatch(text[label.end() :] or following)
            if found:
                yield found["id"].zfill(8)


def _titles(marked: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the title behind each `Tools for »`."""
    for text, following in marked:
        if found := TITLE.match(text):
            yield found[1] or following

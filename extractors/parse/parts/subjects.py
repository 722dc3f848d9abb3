"""One page, one subject: the check that a file does not hold the pages of two.

Files are joined by hand, by crawlers' tools and by broken archives. Then the figures of one
programme would be loaded as another's. So a page with the identity of a second subject is refused.
The same subject twice is no fault: a page and its print view.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from extractors.page_kinds import PageRefusedError
from extractors.parse.base.blocks import Block, Line, texts_of
from extractors.parse.parts.identity import LABELS, TITLE, WIDEST_GAP, extent, find_labels
from extractors.parse.parts.narrative import part_of
from extractors.records import PrintedFinding

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


def check_one_subject(blocks: Sequence[Block], markup: str = "") -> list[PrintedFinding]:
    """Check that a page has the identity of no more than one subject.

    Return a finding for each paragraph of its narrative that is another programme's ID.

    Args:
        blocks: the whole page.
        markup: its source in lower case if it is HTML, which may be two documents.

    Raises:
        PageRefusedError: it is two pages.
    """
    marked = [pair for pair in pairwise([*texts_of(blocks), ""]) if pair[0][0] in _INITIALS]
    ids = list(_printed_ids(marked))
    mentioned = list(_mentions(blocks)) if len(set(ids)) > 1 else []
    mentioned_ids = _printed_ids((line.text, "") for line in mentioned)
    ids = list((Counter(ids) - Counter(mentioned_ids)).elements())
    titles = list(_titles(marked))
    if len(set(ids)) > 1:
        raise two_subjects("Project ID", ids)
    if len(set(map(str.casefold, titles))) > 1 and len(titles) > len(ids):
        raise two_subjects("title", titles)
    later = list(_later_documents(markup))
    is_told_apart = len(later) < max(len(ids), len(titles))
    if not is_told_apart and any("<table" in document for document in later):
        raise PageRefusedError(
            "two_pages",
            f"{len(later) + 1} HTML documents in one file, not each with its own subject",
            " / ".join([*ids, *titles]),
        )
    return [PrintedFinding("other_project_id", "narrative", line.text) for line in mentioned]


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


def _mentions(blocks: Sequence[Block]) -> Iterator[Line]:
    """Yield the lines of a factsheet's narrative that are a Project ID and nothing else.

    The narrative begins behind the identity block, and ends with the first table, heading of
    another part or title, right below which no mention stands. Nor does one stand beside another
    label, as in an identity block.
    """
    labelled = find_labels(blocks)
    _, end = extent(labelled)
    for at in range(end + 1, len(blocks) - 1):
        line = blocks[at]
        if not isinstance(line, Line) or part_of(line.text) or TITLE.match(line.text):
            return
        near = range(max(end + 1, at - WIDEST_GAP), at + WIDEST_GAP + 1)
        is_alone = labelled.keys().isdisjoint({*near} - {at})
        label = _LABEL_OF_ID.match(line.text)
        says_id = label is not None and line.text[label.end() :].isalnum()
        below = blocks[at + 1]
        if says_id and is_alone and isinstance(below, Line) and not part_of(below.text):
            yield line


def _titles(marked: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the title behind each `Tools for »`."""
    for text, following in marked:
        if found := TITLE.match(text):
            yield found[1] or following

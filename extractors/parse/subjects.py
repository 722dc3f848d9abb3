"""One page, one subject: the check that a file does not hold the pages of two.

Files are joined by hand, by crawlers' tools and by broken archives. Then the figures of one
programme would be loaded as another's. So a page with the identity of a second subject is refused.
The same subject twice is well: a page and its print view.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from extractors.parse.blocks import Block, texts_of
from extractors.parse.identity import LABELS, TITLE
from extractors.records import PageRefusedError

_LABEL_OF_ID = re.compile(r"Project ID\s*\**\s*:[\s|]*", re.IGNORECASE)
# An ID, maybe a damaged one, with nothing behind it but the next label. In prose there is more.
_ID = re.compile(
    r"(?P<id>\w*[0-9]\w*?)[\s|]*(?:(?:" + "|".join(LABELS.values()) + r")\s*\**\s*:.*)?",
    re.DOTALL,
)
_NEXT_DOCUMENT = re.compile(
    r"</html\s*>[^<]{0,200}(?:<!--.{0,2000}?-->[^<]{0,200}){0,5}(?=<(?:!doctype\s+html|html)\b)",
    re.IGNORECASE | re.DOTALL,
)


def check_one_subject(blocks: Sequence[Block], markup: str = "") -> None:
    """Check that a page has the identity of no more than one subject.

    Args:
        blocks: the whole page.
        markup: its source if it is HTML, which may be two documents.

    Raises:
        PageRefusedError: it is two pages.
    """
    ids = list(_printed_ids(blocks))
    titles = list(_titles(blocks))
    if len(set(ids)) > 1:
        raise two_subjects("Project ID", ids)
    if len(set(map(str.casefold, titles))) > 1 and len(titles) > len(ids):
        raise two_subjects("title", titles)
    later = _NEXT_DOCUMENT.split(markup)[1:]
    if len(later) >= max(len(ids), len(titles)) and any("<table" in one.lower() for one in later):
        raise PageRefusedError(
            "two_pages",
            f"{len(later) + 1} HTML documents in one file, not each with its own subject",
            " / ".join([*ids, *titles]),
        )


def two_subjects(what: str, values: Iterable[str]) -> PageRefusedError:
    """Return the refusal of a page with several IDs or titles."""
    quoted = " and ".join(dict.fromkeys(values))
    return PageRefusedError("two_subjects", f"the page has more than one {what}: {quoted}", quoted)


def _printed_ids(blocks: Sequence[Block]) -> Iterable[str]:
    """Yield the Project ID of each identity block or caption, in eight digits if it is one."""
    for text, following in pairwise([*texts_of(blocks), ""]):
        if label := _LABEL_OF_ID.match(text):
            found = _ID.fullmatch(text[label.end() :] or following)
            if found:
                yield found["id"].zfill(8)


def _titles(blocks: Sequence[Block]) -> Iterable[str]:
    """Yield the title behind each `Tools for »`."""
    for text, following in pairwise([*texts_of(blocks), ""]):
        if found := TITLE.match(text):
            yield found[1] or following

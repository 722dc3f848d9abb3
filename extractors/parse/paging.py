"""That a list goes on elsewhere: `Showing 1 to 50 of 120`, `Page 1 of 3`, the next one's link."""

import re
from collections.abc import Iterable

from extractors.parse.blocks import Block, Line
from extractors.records import PrintedPaging

_NUMBER = r"[0-9]{1,3}(?:[, ]?[0-9]{3})*"
_ROWS = re.compile(rf"\bShowing\s+{_NUMBER}\s*(?:to|-|–)\s*{_NUMBER}\s+of\s+({_NUMBER})\b", re.I)
_PAGES = re.compile(rf"\bPage\s+{_NUMBER}\s+of\s+({_NUMBER})\b", re.I)

_LONGEST_NUMBER = 9  # digits


def is_paging(line: Line) -> bool:
    """Whether a line says which part of a list this is."""
    return bool(_ROWS.search(line.text) or _PAGES.search(line.text))


def read_paging(blocks: Iterable[Block]) -> list[PrintedPaging]:
    """What the lines say of paging, in order; a link to the next page counts by itself too."""
    found = []
    for block in blocks:
        if not isinstance(block, Line):
            continue
        if rows := _ROWS.search(block.text):
            found.append(PrintedPaging("rows", rows[0], _digits(rows[1]), block.next_href))
        elif pages := _PAGES.search(block.text):
            found.append(PrintedPaging("pages", pages[0], _digits(pages[1]), block.next_href))
        elif block.next_href:
            found.append(PrintedPaging("pages", block.text, None, block.next_href))
    return found


def _digits(number: str) -> str | None:
    """A number that was printed with marks; None for one that counts no rows that there are."""
    digits = number.replace(",", "").replace(" ", "")
    return digits if len(digits) <= _LONGEST_NUMBER else None

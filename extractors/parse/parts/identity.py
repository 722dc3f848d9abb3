"""The identity block: labels and values, in cells or glued into lines.

Text captures glue labels and values together (`Project ID:00067193Description:...`) and drop some
labels, which leaves the value alone on its line. Such a value belongs to the one label that is
missing at its place in the page's fixed order. If more than one is missing, it is not guessed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from extractors.ids import fund_code_of
from extractors.parse.base.blocks import Block, Line, links_and_texts, texts_in, texts_of
from extractors.parse.parts.contacts import starts_contacts
from extractors.parse.parts.narrative import opens_part
from extractors.records import PrintedFinding, PrintedProgramme

# Fields of PrintedProgramme, and its ID, with their labels in the page's order.
LABELS: dict[str, str] = {
    "programme_id": r"Project ID",
    "description": r"Description",
    "fund_name": r"(?<![A-Z])Fund",
    "start_date": r"Start [Dd]ate",
    "theme": r"Theme",
    "end_date": r"End [Dd]ate",
    "country": r"Country",
    "status": r"Project Status",
    "participating_organization": r"Participating Organi[sz]ations?",
}
_ORDER = list(LABELS)
_LABEL = re.compile(
    "(?:" + "|".join(f"(?P<{name}>{text})" for name, text in LABELS.items())
    + r")\s*\**\s*:"
)  # fmt: skip
_LONGEST_LABEL = 100  # characters, with its asterisks
WIDEST_GAP = 3  # from one block with a label to the next
TITLE = re.compile(r"^Tools\s+for\s*»\s*(.*)$")


# By a block's place on the page: the labels that its texts open with.
Labelled = dict[int, set[str]]
# A label or None, the text (of a label, a value or an empty cell), and its link.
_Piece = tuple[str | None, str, str | None]


class Identity(NamedTuple):
    """What the identity block says, how many labels it has, and the place of the block behind."""

    programme_id: str | None
    programme: PrintedProgramme
    findings: list[PrintedFinding]
    labels: int
    end: int


def find_labels(blocks: Iterable[Block]) -> Labelled:
    """Find the lines and cells that open with a label of the identity block."""
    found: Labelled = {}
    for at, block in enumerate(blocks):
        for text in texts_in(block):
            if ":" in text and (opening := _opening_label(text)):
                found.setdefault(at, set()).add(opening[0])
    return found


def labels_of(blocks: Sequence[Block], labelled: Labelled) -> set[str | None]:
    """Return every label in blocks whose texts open with one, those further behind too."""
    return {
        label.lastgroup
        for text in texts_of(blocks[at] for at in labelled)
        for label in _LABEL.finditer(text)
    }


def _opening_label(text: str) -> tuple[str, int] | None:
    """Return the label that a text opens with, and where it ends."""
    found = _LABEL.match(text, 0, _LONGEST_LABEL)
    return (found.lastgroup or "", found.end()) if found else None


def parse_identity(blocks: list[Block], labelled: Labelled) -> Identity:
    """Parse the identity block, which is found by its labels and not by its place."""
    first, last = extent(labelled)
    values: dict[str, str] = {}
    unlabelled: list[tuple[str | None, str]] = []  # the label before it, the value
    fund_code: str | None = None
    label: str | None = None
    expecting = False
    end = last + 1
    for piece, text, href in _pieces(blocks[first:end]):
        if piece is not None:
            label, expecting = piece, True
        elif expecting or not text:
            if text and label is not None:
                values[label] = text
            expecting = False
        else:
            unlabelled.append((label, text))
        fund_code = fund_code or fund_code_of(href or "")
    following = blocks[end] if end < len(blocks) else None
    if expecting and label and isinstance(following, Line) and _may_be_value(following):
        values[label] = following.text
        end += 1
    findings = _place(unlabelled, values)
    programme_id = values.pop("programme_id", None)
    return Identity(
        programme_id=programme_id,
        programme=PrintedProgramme(
            title=title_of(blocks[:first] if first else blocks),
            fund_code=fund_code,
            where="identity block",
            text=" | ".join(texts_of(blocks[first:end])),
            **values,
        ),
        findings=findings,
        labels=len(values) + (programme_id is not None),
        end=end,
    )


def _may_be_value(line: Line) -> bool:
    """Return whether a line below an empty label is its value, not the next part's heading."""
    opens = opens_part(line.text) or starts_contacts(line, in_narrative=True)
    return not line.after_gap and not opens


def extent(labelled: Labelled) -> tuple[int, int]:
    """Return the places of the first and last block of the identity block, 0 and -1 without one.

    Its labels have little between them.
    """
    if not labelled:
        return 0, -1
    first = last = min(labelled)
    seen = set(labelled[first])
    for at in sorted(labelled)[1:]:
        if at - last > WIDEST_GAP or seen & labelled[at]:
            break
        seen |= labelled[at]
        last = at
    return first, last


def _pieces(blocks: list[Block]) -> Iterator[_Piece]:
    """Yield labels and values in the order printed.

    Only a text that opens with a label holds labels, and further ones in it count only in the
    page's order. A cell behind a label is its value, unless it is a label and nothing else. So
    `Trust Fund: phase 2` can be a description.
    """
    place = -1
    expecting = False
    for block in blocks:
        for href, text in links_and_texts([block]):
            opening = _opening_label(text)
            value_cell = expecting and not isinstance(block, Line)
            if opening is None or (value_cell and opening[1] < len(text)):
                if text or not isinstance(block, Line):
                    yield None, text, href
                expecting = False
                continue
            at = 0
            for found in _LABEL.finditer(text):
                here = _ORDER.index(found.lastgroup or "")
                if found.start() > 0 and here <= place:
                    continue
                place = here
                if lead := text[at : found.start()].strip():
                    yield None, lead, href
                yield found.lastgroup, found[0], None
                at = found.end()
            if rest := text[at:].strip():
                yield None, rest, href
            expecting = not rest


def _place(
    unlabelled: list[tuple[str | None, str]], values: dict[str, str]
) -> list[PrintedFinding]:
    """Add values that lost their label, each to the one label missing at its place.

    Return a finding for each value that has no such label.
    """
    findings = []
    for before, value in unlabelled:
        missing = []
        for name in _ORDER[_ORDER.index(before) + 1 if before else 0 :]:
            if name in values:
                break
            missing.append(name)
        if len(missing) == 1:
            values[missing[0]] = value
        else:
            findings.append(PrintedFinding("unlabelled_value", "identity block", value))
    return findings


def title_of(head: list[Block]) -> str | None:
    """Return the title: the text behind `Tools for »`, or the one after it."""
    texts = texts_of(head)
    for text in texts:
        if found := TITLE.match(text):
            return found[1] or next(texts, None)
    return None

"""The identity block: rows of label, value, label, value, in cells or glued into lines.

Text captures glue labels and values together (`Project ID:00067193Description:...`) and drop some
labels, leaving the value alone on its line. Such a value belongs to the one label that is missing
at its place in the page's fixed order; where more than one is missing, it is not guessed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from extractors.ids import fund_code_of
from extractors.parse.blocks import Block, Line
from extractors.parse.contacts import starts_contacts
from extractors.parse.parts import opens_part
from extractors.records import PrintedFinding, PrintedProgramme

# In the page's order.
_LABELS: dict[str, str] = {
    "programme_id": r"Project ID",
    "description": r"Description",
    "fund_name": r"(?<![A-Z])Fund",
    "start_date": r"Start Date",
    "theme": r"Theme",
    "end_date": r"End Date",
    "country": r"Country",
    "status": r"Project Status",
    "participating_organization": r"Participating Organi[sz]ations?",
}
_ORDER = list(_LABELS)
_LABEL = re.compile(
    "(?:" + "|".join(f"(?P<{name}>{text})" for name, text in _LABELS.items())
    + r")\s*\**\s*:"
)  # fmt: skip
_LONGEST_LABEL = 100  # characters, with its asterisks
_WIDEST_GAP = 3  # blocks without a label between two of the identity block
_TITLE = re.compile(r"^Tools\s+for\s*»\s*(.*)$")


# The labels that texts of a block open with, by the block's place on the page.
Labelled = dict[int, set[str]]


# A label, or what stands between labels: a value, or the emptiness of a cell; and its link.
_Piece = tuple[str | None, str, str | None]


class Identity(NamedTuple):
    """What the identity block says, its labels that were found, and the blocks up to its end."""

    programme_id: str | None
    programme: PrintedProgramme
    findings: list[PrintedFinding]
    labels: int
    end: int


def find_labels(blocks: Iterable[Block]) -> Labelled:
    """Where lines and cells open with a label of the identity block, and with which."""
    found: Labelled = {}
    for at, block in enumerate(blocks):
        if isinstance(block, Line):
            if ":" in block.text and (label := _opening_label(block.text)):
                found[at] = {label[0]}
        elif block.may_hold(":") and (
            labels := {
                label[0]
                for row in block.rows
                for cell in row
                if (label := _opening_label(cell.text))
            }
        ):
            found[at] = labels
    return found


def labels_of(blocks: Sequence[Block], labelled: Labelled) -> set[str | None]:
    """Every label in the texts that open with one, those behind the first one too."""
    return {
        label.lastgroup
        for at in labelled
        for text, _ in _texts(blocks[at])
        if ":" in text
        for label in _LABEL.finditer(text)
    }


def _opening_label(text: str) -> tuple[str, int] | None:
    """The label that a text opens with, and where it ends. Most texts hold no colon."""
    return _label_within(text[:_LONGEST_LABEL]) if ":" in text else None


def _label_within(text: str) -> tuple[str, int] | None:
    found = _LABEL.match(text)
    return (found.lastgroup or "", found.end()) if found else None


def read_identity(blocks: list[Block], labelled: Labelled) -> Identity:
    """Read the identity block. Where it stands is found by its labels, not by its place."""
    first, last = _extent(labelled)
    values: dict[str, str] = {}
    unlabelled: list[tuple[str | None, str]] = []  # the label before it, the value
    fund_href: str | None = None
    label: str | None = None
    expecting = False
    end = last + 1
    for piece, text, href in _pieces(blocks[first : last + 1]):
        if piece is not None:
            label, expecting = piece, True
        elif expecting or not text:
            if text and label is not None:
                values[label] = text
            expecting = False
        else:
            unlabelled.append((label, text))
        if href and fund_href is None and fund_code_of(href) is not None:
            fund_href = href
    following = blocks[end] if end < len(blocks) else None
    if expecting and label and isinstance(following, Line) and _may_be_value(following):
        values[label] = following.text
        end += 1
    findings = _place(unlabelled, values)
    return Identity(
        programme_id=values.get("programme_id"),
        programme=PrintedProgramme(
            title=title_of(blocks[:first] if first else blocks),
            description=values.get("description"),
            fund_name=values.get("fund_name"),
            fund_code=fund_code_of(fund_href or ""),
            theme=values.get("theme"),
            start_date=values.get("start_date"),
            end_date=values.get("end_date"),
            country=values.get("country"),
            status=values.get("status"),
            participating_organization=values.get("participating_organization"),
            where="identity block",
            text=" | ".join(
                text for block in blocks[first:end] for text, _ in _texts(block) if text
            ),
        ),
        findings=findings,
        labels=len(values),
        end=end,
    )


def _may_be_value(line: Line) -> bool:
    """Whether a line below a label without a value is its value, not the next part's heading."""
    opens = opens_part(line.text) or starts_contacts(line, in_narrative=True)
    return not line.after_gap and not opens


def _texts(block: Block) -> Iterator[tuple[str, str | None]]:
    """The texts of a block with their links: a line, or each cell (empty ones too)."""
    if isinstance(block, Line):
        yield block.text, block.href
    else:
        for row in block.rows:
            for cell in row:
                yield cell.text, cell.href


def _extent(labelled: Labelled) -> tuple[int, int]:
    """First and last block of the identity block: labels with little between them."""
    if not labelled:
        return 0, -1
    first = last = min(labelled)
    seen = set(labelled[first])
    for at in sorted(labelled)[1:]:
        if at - last > _WIDEST_GAP or seen & labelled[at]:
            break
        seen |= labelled[at]
        last = at
    return first, last


def _pieces(blocks: list[Block]) -> Iterator[_Piece]:
    """Labels and values in the order printed.

    Only a text that opens with a label holds labels, and further ones in it count only in the
    page's order; a cell behind a label is its value, unless it is a label and nothing else. So
    `Trust Fund: phase 2` is a description.
    """
    place = -1
    expecting = False
    for block in blocks:
        for text, href in _texts(block):
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
    """Give values that lost their label to the one label missing at their place."""
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
    """The title: behind `Tools for »`, or on the line after it."""
    lines = [text for block in head for text, _ in _texts(block) if text]
    for at, line in enumerate(lines):
        if line.startswith("Tools") and (found := _TITLE.match(line)):
            return found[1] or (lines[at + 1] if at + 1 < len(lines) else None)
    return None

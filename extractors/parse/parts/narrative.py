"""The headings of a factsheet's parts, and its narrative.

The narrative is an overview, then per outcome its statement and achievements, then lessons learned.
"""

import re

from extractors.parse.base.blocks import Block, Line
from extractors.records import PrintedPassage, Section

_PARTS = {
    "recent documents": "documents",
    "key figures": "figures",
    "latest vouchers": "vouchers",
}
_SECTIONS: dict[str, Section] = {
    "overview": "overview",
    "about": "overview",
    "about the project": "overview",
    "about this project": "overview",
    "about the programme": "overview",
    "about this programme": "overview",
    "achievement": "achievement",
    "achievements": "achievement",
    "outcome achievement": "achievement",
    "outcome achievements": "achievement",
    "lesson learned": "lesson",
    "lessons learned": "lesson",
}
# The headings of a fund's factsheet; prose stands below those that match `prose`.
FUND_PART = re.compile(
    r"^(?:(?P<prose>About(?: th[ei]s? (?:fund|programme))?|Overview)|Funding Status|Projects|"
    r"Programmes|Recent Documents|Key Figures)\s*:?$",
    re.IGNORECASE,
)
_OUTCOME = re.compile(
    r"^Outcome\s+(?P<no>\d{1,3})\s*(?:(?:[:–-]|\.(?!\d))\s*(?P<rest>.*))?$", re.IGNORECASE
)
_LONGEST_HEADING = 40  # characters


def part_of(text: str) -> str | None:
    """Return the part with tables or lists that a heading of a programme's factsheet opens."""
    return _PARTS.get(_bare(text))


def opens_part(text: str) -> bool:
    """Return whether a line is the heading of some part of a programme's or fund's factsheet."""
    bare = _bare(text)
    return bare in _PARTS or bare in _SECTIONS or FUND_PART.match(text) is not None


def _bare(text: str) -> str:
    """Return a heading in lower case without its colon, "" for a text too long to be one."""
    return text.removesuffix(":").rstrip().lower() if len(text) <= _LONGEST_HEADING else ""


def parse_narrative(blocks: list[Block]) -> list[PrintedPassage]:
    """Return the passages in order, each numbered within its section (and outcome).

    In achievements and lessons a paragraph behind the list is not an item of it: its section is
    `other`. So is that of a table's rows.
    """
    passages: list[PrintedPassage] = []
    counts: dict[tuple[Section, int], int] = {}
    section: Section = "overview"
    outcome_no = 0
    has_items = False

    def add(kind: Section, text: str) -> None:
        seq = counts[kind, outcome_no] = counts.get((kind, outcome_no), 0) + 1
        passages.append(PrintedPassage(kind, outcome_no, seq, text))

    for block in blocks:
        if not isinstance(block, Line):
            for row in block.rows:
                add("other", " | ".join(cell.text for cell in row))
        elif found := _OUTCOME.match(block.text):
            section, outcome_no, has_items = "outcome", int(found["no"]), False
            if found["rest"]:
                add(section, found["rest"])
        elif heading := _SECTIONS.get(_bare(block.text)):
            section, has_items = heading, False
            if heading != "achievement":
                outcome_no = 0
        else:
            has_items = has_items or block.bullet
            behind_list = section in {"achievement", "lesson"} and has_items and not block.bullet
            add("other" if behind_list else section, block.text)
    return passages

"""About: the overview, then per outcome its statement and achievements, and the lessons learned."""

import re

from extractors.parse.blocks import Block, Line
from extractors.parse.parts import section_of
from extractors.records import PrintedPassage, Section

_OUTCOME = re.compile(
    r"^Outcome\s+(?P<no>\d{1,3})\s*(?:(?:[:–-]|\.(?!\d))\s*(?P<rest>.*))?$", re.IGNORECASE
)


def read_narrative(blocks: list[Block]) -> list[PrintedPassage]:
    """The passages in order, each numbered within its section (and outcome).

    In a list of achievements or lessons, a paragraph after the list is no further item: it is
    `other`. A table in the narrative is kept as a passage of kind `other`, a row each.
    """
    passages: list[PrintedPassage] = []
    counts: dict[tuple[Section, int], int] = {}
    section: Section = "overview"
    outcome_no = 0
    itemised = False

    def add(kind: Section, text: str) -> None:
        seq = counts[kind, outcome_no] = counts.get((kind, outcome_no), 0) + 1
        passages.append(tuple.__new__(PrintedPassage, (kind, outcome_no, seq, text)))

    for block in blocks:
        if not isinstance(block, Line):
            for row in block.rows:
                add("other", " | ".join(cell.text for cell in row))
            continue
        text = block.text
        if text[:7].lower() == "outcome" and (found := _OUTCOME.match(text)):
            section, outcome_no, itemised = "outcome", int(found["no"]), False
            if found["rest"]:
                add(section, found["rest"])
            continue
        heading = section_of(text)
        if heading is not None:
            section, itemised = heading, False
            if heading != "achievement":
                outcome_no = 0
            continue
        itemised = itemised or block.bullet
        after_list = section in {"achievement", "lesson"} and itemised and not block.bullet
        add("other" if after_list else section, block.text)
    return passages

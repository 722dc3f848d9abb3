"""The headings of a page's parts: what they open, and what they therefore are no value of."""

import re

from extractors.parse.blocks import bare_heading
from extractors.records import Section

_TABLES_AND_LISTS = {
    "recent documents": "documents",
    "key figures": "figures",
    "latest vouchers": "vouchers",
}
_SECTIONS: dict[str, Section] = {
    **dict.fromkeys(
        ("overview", "about", "about the project", "about this project", "about the programme",
         "about this programme"), "overview",
    ),
    **dict.fromkeys(
        ("achievement", "achievements", "outcome achievement", "outcome achievements"),
        "achievement",
    ),
    **dict.fromkeys(("lesson learned", "lessons learned"), "lesson"),
}  # fmt: skip
# On a fund's factsheet; `prose` is under such a heading.
FUND_PART = re.compile(
    r"^(?:(?P<prose>About(?: th[ei]s? (?:fund|programme))?|Overview)|Funding Status|Projects|"
    r"Programmes|Recent Documents|Key Figures)\s*:?$",
    re.IGNORECASE,
)
_LONGEST_HEADING = 40  # characters


def part_of(text: str) -> str | None:
    """The part with tables or lists that a heading opens on a programme's factsheet."""
    return _TABLES_AND_LISTS.get(bare_heading(text)) if len(text) <= _LONGEST_HEADING else None


def section_of(text: str) -> Section | None:
    """The section of the narrative that a heading opens."""
    return _SECTIONS.get(bare_heading(text)) if len(text) <= _LONGEST_HEADING else None


def opens_part(text: str) -> bool:
    """Whether a line is the heading of some part of a programme's or a fund's factsheet."""
    return bool(part_of(text) or section_of(text) or FUND_PART.match(text))

"""What the texts of a table's headings mean: measures, years, totals.

Every heading that is known stands here, in one place, whatever table it heads.
"""

import re
from typing import Literal

_LONGEST_HEADING, _LONGEST_YEAR = 200, 30  # characters
_YEAR = re.compile(r"^(?:FY\s*)?((?:19|20)[0-9]{2})$", re.IGNORECASE)
_FOOTNOTE = re.compile(r"[*†‡]+|\(\s*(?:in\s+)?(?:US\$|USD|%)\s*\)|\b(?:US\$|USD)|%")
# In place of rows, or of a whole table.
NO_DATA = r"no (?:data|records?|results?|vouchers?|figures?|expenditures?)\b.*"
_NO_DATA = re.compile(NO_DATA, re.IGNORECASE)
_TOTAL = re.compile(r"^[-–\s]*(?:grand\s+|sub-?\s*)?totals?\b", re.IGNORECASE)
_TOTAL_OF = re.compile(r"^(?P<what>.+?)[-–:\s]+(?:sub-?\s*)?totals?\s*:?$", re.IGNORECASE)
_YEAR_AND_MEASURE = re.compile(
    r"(?:fy\s*)?(?P<first>(?:19|20)[0-9]{2})[\s:,–-]+(?P<measure>\D+)"
    r"|(?P<measured>\D+?)[\s:,(–-]+(?:fy\s*)?(?P<last>(?:19|20)[0-9]{2})\)?"
)

Heading = Literal[
    "organization",
    "year",
    "total",
    "approved_budget",
    "net_funded",
    "transfers",
    "refunds",
    "expenditure",
    "delivery_rate",
    "voucher_number",
    "date",
    "amount",
    "status",
    "title",
    "programme_id",
    "programme_title",
    "fund",
    "contributor",
    "currency",
    "detail",
]

# Every heading known, in lower case, without footnote marks and units.
_SYNONYMS: dict[Heading, tuple[str, ...]] = {
    "organization": (
        "participating organization",
        "participating organizations",
        "participating organisation",
        "participating un organization",
        "implementing organization",
        "organization",
        "organisation",
        "participating agency",
        "agency",
    ),
    "year": ("year", "fiscal year", "financial year"),
    "total": ("total", "grand total", "totals", "cumulative"),
    "approved_budget": ("approved budget", "total approved budget", "budget", "total budget"),
    "net_funded": ("net funded amount", "net funded", "total net funded amount", "net amount"),
    "transfers": (
        "transfers",
        "transfer",
        "transferred",
        "transferred amount",
        "total transfers",
        "transfers to participating organizations",
    ),
    "refunds": ("refunds", "refund", "refunded amount", "total refunds"),
    "expenditure": ("expenditure", "expenditures", "total expenditure", "total expenditures"),
    "delivery_rate": ("delivery rate", "delivery", "rate of delivery"),
    "voucher_number": (
        "voucher",
        "voucher number",
        "voucher no",
        "voucher no.",
        "voucher id",
        "voucher #",
        "payment voucher",
        "payment voucher number",
    ),
    "date": ("date", "voucher date", "payment date", "transfer date", "document date"),
    "amount": ("amount", "voucher amount", "payment amount", "transfer amount"),
    "status": ("status", "voucher status", "payment status"),
    "title": ("title", "document", "document title", "document name"),
    "programme_id": ("project id", "programme id", "project no", "project no.", "project number"),
    "programme_title": ("project", "project title", "programme", "programme title"),
    "fund": ("fund", "fund name", "trust fund", "fund title"),
    "contributor": ("contributor", "contributors", "donor", "donors", "contributor / partner"),
    "currency": ("currency",),
    # What stands beside the name in a list, and is kept as printed.
    "detail": (
        "type",
        "fund type",
        "start date",
        "end date",
        "contributions",
        "total contributions",
        "commitments",
        "deposits",
        "programmes",
        "projects",
        "number of programmes",
        "number of projects",
        "country",
        "theme",
    ),
}
_HEADINGS: dict[str, Heading] = {
    text: heading for heading, texts in _SYNONYMS.items() for text in texts
}


# Headings that stand over others: measures over years, and a total over measures.
SPANNING = frozenset(
    {
        "total", "approved_budget", "net_funded", "transfers", "refunds", "expenditure",
        "delivery_rate",
    }
)  # fmt: skip


def fold_heading(text: str) -> str:
    """A heading without footnote marks, units, case and stray punctuation."""
    return " ".join(_FOOTNOTE.sub(" ", text).split()).strip(" :-–").lower()


def known_heading(text: str) -> Heading | None:
    """What a heading means, or None: `Expenditure`, or `Expenditure 2013` with its year.

    `Expenditure (%)` is a share of something, and none of the measures in US$.
    """
    if len(text) > _LONGEST_HEADING or not any(map(str.isalpha, text)):
        return None
    return _known_heading(text)[0]


def heading_and_year(text: str) -> tuple[Heading | None, str | None]:
    """What a heading means, and the year that stands in it beside a measure."""
    return _known_heading(text) if len(text) <= _LONGEST_HEADING else (None, None)


def _known_heading(text: str) -> tuple[Heading | None, str | None]:
    folded = fold_heading(text)
    if (heading := _HEADINGS.get(folded)) is not None:
        return (None, None) if "%" in text and heading != "delivery_rate" else (heading, None)
    if found := _YEAR_AND_MEASURE.fullmatch(folded):
        measure = _HEADINGS.get(found["measure"] or found["measured"])
        is_share = "%" in text and measure != "delivery_rate"
        if measure in SPANNING and measure != "total" and not is_share:
            return measure, found["first"] or found["last"]
    return None, None


def is_percent(text: str) -> bool:
    """Whether a text says that what stands below it is in percent, and nothing else."""
    return "%" in text and not fold_heading(text)


def says_no_data(text: str) -> bool:
    """Whether a text says that nothing is shown."""
    return _NO_DATA.match(text) is not None


def is_total(text: str) -> bool:
    """Whether a text begins by saying that it sums others: `Grand Total`, `Sub-total FAO`."""
    return "total" in text[:_LONGEST_HEADING].lower() and _TOTAL.match(text) is not None


def says_total(text: str) -> bool:
    """Whether a text says, before or behind what it names, that its row sums others."""
    return is_total(text) or total_of(text) is not None


def total_of(text: str) -> str | None:
    """What a row sums that ends by saying so, as `FAO` in `FAO Total`."""
    if len(text) > _LONGEST_HEADING or "total" not in text.lower():
        return None
    found = None if is_total(text) else _TOTAL_OF.match(text)
    return found["what"] if found else None


def printed_year(text: str) -> str | None:
    """The year in `2015`, `FY 2015` or `2015*`; None for anything else."""
    if len(text) > _LONGEST_YEAR or "," in text or "." in text:
        return None
    return _printed_year(text)


def _printed_year(text: str) -> str | None:
    found = _YEAR.match(_FOOTNOTE.sub("", text).strip())
    return found[1] if found else None

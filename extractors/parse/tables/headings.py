"""The meanings of column headings: measures, years, totals and the rest.

Every known heading stands here, whatever table it belongs to.
"""

import re
from typing import Literal

from extractors.parse.tables.units import may_name_unit, measure_and_letter, without_unit
from extractors.records import MEASURES, ContributionMeasure, Measure

Heading = (
    Measure
    | ContributionMeasure
    | Literal[
        "organization", "year", "total", "voucher_number", "date", "amount", "status", "title",
        "programme_id", "programme_title", "fund", "fund_code", "contributor", "contributions",
        "pledges", "deposit_rate", "currency", "detail",
    ]
)  # fmt: skip

# In lower case, without footnote marks and units.
_SYNONYMS: dict[Heading, tuple[str, ...]] = {
    "organization": (
        "participating organization", "participating organizations", "participating organisation",
        "participating un organization", "implementing organization", "organization",
        "organisation", "participating agency", "agency",
    ),
    "year": ("year", "fiscal year", "financial year"),
    "total": ("total", "grand total", "totals", "cumulative"),
    "approved_budget": ("approved budget", "total approved budget", "budget", "total budget"),
    "net_funded": ("net funded amount", "net funded", "total net funded amount", "net amount"),
    "transfers": (
        "transfers", "transfer", "transferred", "transferred amount", "total transfers",
        "transfers to participating organizations",
    ),
    "refunds": ("refunds", "refund", "refunded amount", "total refunds"),
    "expenditure": ("expenditure", "expenditures", "total expenditure", "total expenditures"),
    "delivery_rate": ("delivery rate", "delivery", "rate of delivery"),
    "voucher_number": (
        "voucher", "voucher number", "voucher no", "voucher no.", "voucher id", "voucher #",
        "payment voucher", "payment voucher number",
    ),
    "date": (
        "date", "voucher date", "payment date", "transfer date", "document date",
        "date of document", "publication date", "published", "published on", "upload date",
        "uploaded", "uploaded on",
    ),
    "amount": ("amount", "voucher amount", "payment amount", "transfer amount"),
    "status": ("status", "voucher status", "payment status"),
    "title": ("title", "document", "document title", "document name"),
    "programme_id": ("project id", "programme id", "project no", "project no.", "project number"),
    "programme_title": ("project", "project title", "programme", "programme title"),
    "fund": ("fund", "fund name", "trust fund", "fund title"),
    "fund_code": ("fund code", "trust fund code", "fund id", "fund no", "fund no."),
    "contributor": (
        "contributor", "contributors", "contributor name", "name of contributor", "donor", "donors",
        "donor name", "name of donor", "contributor / partner", "contributor/partner",
        "contributors / partners", "contributors/partners", "contributor / donor",
        "contributor/donor", "donor / contributor", "donor/contributor",
    ),
    "commitments": (
        "commitment", "commitments", "total commitment", "total commitments", "commitment amount",
        "committed", "amount committed", "committed amount", "total committed",
        "commitments to date",
    ),
    # Commitments, where a table has no other.
    "pledges": ("pledge", "pledges", "total pledge", "total pledges", "pledged"),
    "deposits": (
        "deposit", "deposits", "total deposit", "total deposits", "deposit amount", "deposited",
        "amount deposited", "deposited amount", "total deposited", "deposits to date",
        "contributions from donors", "contributions from contributors", "contributions received",
        "total contributions received", "contributions paid", "received contributions",
    ),
    # A bare word for what the statement calls Contributions from Donors.
    "contributions": ("contribution", "contributions", "total contribution", "total contributions"),
    "deposit_rate": (
        "deposit rate", "rate of deposit", "rate of deposits", "of commitments",
        "of commitments deposited", "deposits as of commitments", "deposited of commitments",
    ),
    "currency": ("currency",),
    # Stands beside the name in a list and is stored as printed.
    "detail": (
        "type", "fund type", "start date", "end date", "programmes", "projects",
        "number of programmes", "number of projects", "country", "theme",
    ),
}  # fmt: skip
_HEADINGS: dict[str, Heading] = {
    text: heading for heading, texts in _SYNONYMS.items() for text in texts
}
CONTRIBUTIONS: frozenset[str] = frozenset({"commitments", "deposits", "contributions", "pledges"})
AMOUNTS: frozenset[str] = frozenset({*MEASURES, *CONTRIBUTIONS})
_COUNTED = AMOUNTS | {"amount", "total"}  # in a unit
_FIRST_OF_COUNTED = frozenset(
    text.split()[0] for heading, texts in _SYNONYMS.items() if heading in _COUNTED for text in texts
)
_FIRST_WORD = re.compile(r"\W*(?:(?:fy\s*)?(?:19|20)[0-9]{2}\W+)?(?P<word>[a-z]+)")
# Of what the amounts of a row are.
KEYS: frozenset[str] = frozenset({"organization", "contributor", "year"})
# Headings that span others: measures span years, and a total spans measures.
SPANNING: frozenset[str] = frozenset({"total", *AMOUNTS})
# A column has one of each of these sets, or its headings contradict each other.
SPECIFIC: tuple[frozenset[str], ...] = (
    frozenset({"organization", "year", *MEASURES}),
    frozenset({"commitments", "deposits", "pledges"}),
)
_RATES = frozenset({"delivery_rate", "deposit_rate"})

_LONGEST_HEADING, _LONGEST_YEAR = 200, 30  # characters
_YEAR = re.compile(r"^(?:FY\s*)?((?:19|20)[0-9]{2})$", re.IGNORECASE)
_FOOTNOTE_OR_UNIT = re.compile(r"[*†‡]+|\(\s*(?:in\s+)?(?:US\$|USD|%)\s*\)|\b(?:US\$|USD)|%")
# Stands instead of rows, or of a whole table.
NO_DATA = r"no (?:data|records?|results?|vouchers?|figures?|expenditures?)\b.*"
_NO_DATA = re.compile(NO_DATA, re.IGNORECASE)
_TOTAL = re.compile(r"^[-–\s]*(?:grand\s+|sub-?\s*)?totals?\b", re.IGNORECASE)
_TOTAL_OF = re.compile(r"^(?P<what>.+?)[-–:\s]+(?:sub-?\s*)?totals?\s*:?$", re.IGNORECASE)
_YEAR_AND_MEASURE = re.compile(
    r"(?:fy\s*)?(?P<first>(?:19|20)[0-9]{2})[\s:,–-]+(?P<measure>\D+)"
    r"|(?P<measured>\D+?)[\s:,(–-]+(?:fy\s*)?(?P<last>(?:19|20)[0-9]{2})\)?"
)


def fold_heading(text: str) -> str:
    """Return a heading in lower case without footnote marks, units and stray punctuation."""
    return " ".join(_FOOTNOTE_OR_UNIT.sub(" ", text).split()).strip(" :-–").lower()


def known_heading(text: str) -> Heading | None:
    """Return the meaning of a heading such as `Expenditure` or `Expenditure 2013`."""
    return heading_and_year(text)[0]


def heading_and_year(text: str) -> tuple[Heading | None, str | None]:
    """Return the meaning of a heading, and the year that stands in it beside a measure.

    `Expenditure (%)` is a share and not a measure in US$. One in another unit is a measure: what
    the page names for its currency keeps its amounts from being loaded.
    """
    if len(text) > _LONGEST_HEADING or not any(map(str.isalpha, text)):
        return None, None
    if (heading := _HEADINGS.get(text.lower())) is not None:  # as most are printed
        return heading, None
    heading, year = _folded_heading(text)
    if heading is None and _may_be_measure_in_unit(text):
        in_unit, of_year = _folded_heading(without_unit(text))
        if in_unit in _COUNTED:
            heading, year = in_unit, of_year
    is_share = "%" in text and heading not in _RATES
    return (None, None) if is_share else (heading, year)


def _may_be_measure_in_unit(text: str) -> bool:
    """Return whether a heading begins like a measure, and may name a unit behind it."""
    first = _FIRST_WORD.match(text.lower())
    return (
        first is not None
        and first["word"] in _FIRST_OF_COUNTED
        and (may_name_unit(text) or measure_and_letter(text) is not None)
    )


def _folded_heading(text: str) -> tuple[Heading | None, str | None]:
    folded = fold_heading(text)
    heading = _HEADINGS.get(folded)
    if heading is None and (found := _YEAR_AND_MEASURE.fullmatch(folded)):
        measure = _HEADINGS.get(found["measure"] or found["measured"])
        if measure in AMOUNTS:
            return measure, found["first"] or found["last"]
    return heading, None


def is_percent(text: str) -> bool:
    """Return whether a heading consists of a percent sign alone."""
    return "%" in text and not fold_heading(text)


def says_no_data(text: str) -> bool:
    """Return whether a text announces that there is no data."""
    return _NO_DATA.match(text) is not None


def is_total(text: str) -> bool:
    """Return whether a text begins like a total: `Grand Total`, `Sub-total FAO`."""
    return "total" in text[:_LONGEST_HEADING].lower() and _TOTAL.match(text) is not None


def says_total(text: str) -> bool:
    """Return whether a text begins or ends like a total."""
    return "total" in text.lower() and (is_total(text) or total_of(text) is not None)


def total_of(text: str) -> str | None:
    """Return `FAO` of `FAO Total`, or None if the text does not end like a total."""
    if len(text) > _LONGEST_HEADING or "total" not in text.lower():
        return None
    found = None if is_total(text) else _TOTAL_OF.match(text)
    return found["what"] if found else None


def printed_year(text: str) -> str | None:
    """Return the year of `2015`, `FY 2015` or `2015*`; None for any other text."""
    if len(text) > _LONGEST_YEAR or "," in text or "." in text:
        return None
    found = _YEAR.match(_FOOTNOTE_OR_UNIT.sub("", text).strip())
    return found[1] if found else None

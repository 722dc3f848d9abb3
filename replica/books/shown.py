"""A page's content at one time, before it is laid out: shared by books, layouts and truth.

Amounts are whole US dollars where the page prints dollars, and cents where it says so; a measure
that the page does not show is None. Nothing here knows of HTML.
"""

from datetime import date
from typing import Literal, NamedTuple

Measure = Literal[
    "approved_budget", "net_funded", "transfers", "refunds", "expenditure", "delivery_rate"
]
MEASURES: tuple[Measure, ...] = (
    "approved_budget", "net_funded", "transfers", "refunds", "expenditure", "delivery_rate",
)  # fmt: skip
# Of contributions: the measures of a contributor, who then stands in the place of an organization.
ContributionMeasure = Literal["commitments", "deposits", "deposit_rate"]
CONTRIBUTION_MEASURES: tuple[ContributionMeasure, ...] = ("commitments", "deposits", "deposit_rate")
AnyMeasure = Measure | ContributionMeasure
Grain = Literal["organization_year", "year", "organization"]
FundType = Literal["Trust Fund", "Joint Programme", "Other Fund"]
Language = Literal["en", "fr", "es", "pt", "ar"]


class Identity(NamedTuple):
    """The identity block of a programme factsheet."""

    programme_id: str
    title: str
    description: str  # the accounting system's, at most 30 characters
    fund_name: str
    fund_code: str
    theme: str | None
    start_date: date
    end_date: date
    country: str
    status: str
    participating_organization: str  # `Multiple` where there are several


class Passage(NamedTuple):
    """One paragraph or list item; `outcome_no` is 0 outside outcomes."""

    section: Literal["overview", "outcome", "achievement", "lesson"]
    outcome_no: int
    text: str


class Document(NamedTuple):
    """One line of Recent Documents; its address is /document/download/<number>."""

    number: int
    title: str
    document_date: date | None


class Figure(NamedTuple):
    """One row: dollars by measure in the order of MEASURES, the delivery rate in tenths of percent.

    A contributor's row has CONTRIBUTION_MEASURES. `organization` is the one name over time,
    `organization_printed` what the page shows; both are None where the table has no organizations
    (and the year where it has no years).
    """

    organization: str | None
    organization_printed: str | None
    fiscal_year: int | None
    values: tuple[int | None, ...]


class Table(NamedTuple):
    """A table of figures: which measures it has columns for, its rows and its total row."""

    grain: Grain
    measures: tuple[AnyMeasure, ...]
    rows: tuple[Figure, ...]
    total: Figure


class Voucher(NamedTuple):
    """One payment voucher, in cents."""

    number: str
    voucher_date: date
    organization: str
    organization_printed: str
    cents: int
    status: str


class Contact(NamedTuple):
    """One invented person."""

    name: str
    role: str
    telephone: str
    email: str
    skype: str


class Programme(NamedTuple):
    """The content of a programme's pages at one time."""

    identity: Identity
    language: Language
    passages: tuple[Passage, ...]
    documents: tuple[Document, ...]
    tables: tuple[Table, ...]
    vouchers: tuple[Voucher, ...]  # the newest first, all of them, whatever fits one page
    managers: tuple[Contact, ...]
    persons: tuple[Contact, ...]


Role = Literal["adds", "subtracts", "total", "balance", "percentage"]


class StatementLine(NamedTuple):
    """One line of a Funding Status: dollars (a balance keeps its sign), or tenths of a percent."""

    label: str
    role: Role
    value: int


class StatementBlock(NamedTuple):
    """One of the two blocks, which add up each by itself."""

    heading: str
    lines: tuple[StatementLine, ...]


class Fund(NamedTuple):
    """The content of a fund's factsheet at one time; `programmes` are IDs and titles."""

    code: str
    name: str
    fund_type: FundType
    start_date: date
    end_date: date | None
    overview: str
    statement: tuple[StatementBlock, ...]
    programmes: tuple[tuple[str, str], ...]

"""Records: what a page says, as printed, each with its place on the page.

Every value is text as the page prints it, with white space folded; an absent value is None, never
"". Nothing is typed, rounded or judged before transforms. Stored digests are taken over the repr
of these records, so the name of a record or field cannot change without a new PARSER_VERSION.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from extractors.page_kinds import PageKind, Representation

# Raise it when the same bytes give other records; `mptf rebuild` then parses them again.
PARSER_VERSION = "15"


class PrintedProgramme(NamedTuple):
    """The identity block."""

    title: str | None = None
    description: str | None = None
    fund_name: str | None = None
    fund_code: str | None = None
    theme: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    country: str | None = None
    status: str | None = None
    participating_organization: str | None = None
    where: str = ""
    text: str = ""


Section = Literal["overview", "outcome", "achievement", "lesson", "other"]


class PrintedPassage(NamedTuple):
    """One paragraph or list item of the narrative.

    `outcome_no` is 0 outside outcomes; `seq` counts from 1 within section and outcome.
    """

    section: Section
    outcome_no: int
    seq: int
    text: str


class PrintedDocument(NamedTuple):
    """One line of Recent Documents."""

    title: str
    url: str | None
    document_date: str | None
    where: str
    text: str


Measure = Literal[
    "approved_budget",
    "net_funded",
    "transfers",
    "refunds",
    "expenditure",
    "delivery_rate",
]
MEASURES: tuple[Measure, ...] = get_args(Measure)

# Ends a text that is that of several cells in one place: it names and counts nothing.
LAID_OVER = " (cells over each other)"


class PrintedFigure(NamedTuple):
    """One row (or, with years across, one row and year) of a Key Figures table.

    `total` rows are sums of others, never facts. `fiscal_year` is None if the table has no years:
    the figure counts from the programme's start. It is "" if the table has years and the row none.
    """

    table_no: int
    organization: str | None
    fiscal_year: str | None
    measures: dict[Measure, str]
    total: bool
    where: str
    text: str


class PrintedTable(NamedTuple):
    """The shape of one Key Figures table.

    `read_in_full` tells that every row and year was understood and that the table is not one page
    of several, so that a row missing from it is not shown by the site.
    """

    table_no: int
    by_year: bool
    by_organization: bool
    read_in_full: bool
    where: str


ContributionMeasure = Literal["commitments", "deposits"]


class PrintedContribution(NamedTuple):
    """One row (or, with years across, one row and year) of a table of contributors.

    `total` rows are sums of others, never facts. `fiscal_year` is that of a figure's. The fund is
    None if the table has no column of funds: then it is the page's. `fund_code` is printed, or that
    of a link; `contributor_fund_code` that of the contributor's link, if it leads to a fund.
    """

    table_no: int
    contributor: str | None
    contributor_fund_code: str | None
    fund_name: str | None
    fund_code: str | None
    fiscal_year: str | None
    measures: dict[ContributionMeasure, str]
    deposit_rate: str | None
    currency: str | None
    total: bool
    where: str
    text: str


class PrintedContributionTable(NamedTuple):
    """The shape of one table of contributors; `read_in_full` is that of a PrintedTable."""

    table_no: int
    by_year: bool
    by_fund: bool
    read_in_full: bool
    where: str


class PrintedVoucher(NamedTuple):
    """One payment voucher."""

    voucher_number: str | None
    voucher_date: str | None
    organization: str | None
    amount: str | None
    status: str | None
    where: str
    text: str


class PrintedContact(NamedTuple):
    """One person. Personal data: goes to core.contact and nowhere else."""

    name: str
    role: str | None
    telephone: str | None
    email: str | None
    skype: str | None


class PrintedFund(NamedTuple):
    """The fund of a fund's page.

    `fund_type` is that of a factsheet's heading; pages since 2022 have `status` instead.
    """

    name: str | None
    fund_type: str | None
    start_date: str | None
    end_date: str | None
    where: str
    text: str
    status: str | None = None


StatementBlock = Literal["administrative_agent", "participating_organizations"]


class PrintedStatementLine(NamedTuple):
    """One line of a Funding Status, in the order printed.

    `operator` is the `+` or `-` in a column of its own, if there is one; a sign or parentheses
    glued to the amount stay in `amount`. `label` keeps a leading dash.
    """

    block: StatementBlock
    label: str
    operator: str | None
    amount: str
    where: str
    text: str


ListKind = Literal["funds", "organizations", "contributors", "programmes"]


class PrintedListing(NamedTuple):
    """One row of a portfolio list, or of the programmes on a fund's factsheet.

    `url` is its link, which gives the code or ID if the row does not print it. `details` are the
    other cells, each with its heading.
    """

    listed: ListKind
    name: str
    url: str | None
    programme_id: str | None
    fund_code: str | None
    details: tuple[tuple[str, str], ...]
    where: str
    text: str


class PrintedRow(NamedTuple):
    """One row of an API answer.

    `fiscal_year` is that of a year column. `from_year` and `to_year` are those that were asked
    for: None if the row counts from the start, or to the day of the answer. `measures` are those of
    key figures, and `fund_count`, `commitments` and `deposits`; `details` are the other columns
    that are known, by what they mean. `text` is the row as compact JSON, numbers as text.
    """

    programme_id: str | None
    fund_code: str | None
    fund_name: str | None
    agency_code: str | None
    organization: str | None
    organization_group_code: str | None
    organization_group: str | None
    contributor: str | None
    fiscal_year: str | None
    from_year: str | None
    to_year: str | None
    measures: dict[str, str]
    details: tuple[tuple[str, str], ...]
    where: str
    text: str


class PrintedPaging(NamedTuple):
    """The sign of a list of several pages: `Showing 1 to 50 of 120`, `Page 1 of 3`, a next link.

    `whole` is the number of all rows or pages, unless it is too large to be one.
    """

    what: Literal["rows", "pages"]
    shown: str
    whole: str | None
    next_url: str | None


class PrintedFinding(NamedTuple):
    """Something that was not understood, or was loaded but is worth knowing."""

    kind: str
    subject: str
    detail: str


class Coverage(NamedTuple):
    """How much of a page was understood: its part of the extraction report.

    `layout` names the shape of the page: its kind, representation and table headings, without
    years. `known` and `unknown` count its labels, headings and lines.
    """

    layout: str = ""
    known: int = 0
    unknown: int = 0
    tables_read: int = 0
    tables_unread: int = 0


@dataclass(slots=True)
class Page:
    """All records of one page. Parts that the page does not have are None or empty.

    `cut_short` is the reason why the page breaks off before its end.
    `programme_id` and `fund_code` are None if the page does not name its subject, as Excel views
    and funds' factsheets often do not. `views` are the links to Excel or print views on a factsheet
    without figures, or on a fund's without contributors.
    """

    kind: PageKind
    representation: Representation
    programme_id: str | None = None
    fund_code: str | None = None
    programme: PrintedProgramme | None = None
    fund: PrintedFund | None = None
    currency: str | None = None
    passages: list[PrintedPassage] = field(default_factory=list)
    documents: list[PrintedDocument] = field(default_factory=list)
    tables: list[PrintedTable] = field(default_factory=list)
    figures: list[PrintedFigure] = field(default_factory=list)
    contribution_tables: list[PrintedContributionTable] = field(default_factory=list)
    contributions: list[PrintedContribution] = field(default_factory=list)
    vouchers: list[PrintedVoucher] = field(default_factory=list)
    statement: list[PrintedStatementLine] = field(default_factory=list)
    listings: list[PrintedListing] = field(default_factory=list)
    rows: list[PrintedRow] = field(default_factory=list)
    paging: list[PrintedPaging] = field(default_factory=list)
    views: list[str] = field(default_factory=list)
    contacts: list[PrintedContact] = field(default_factory=list)
    findings: list[PrintedFinding] = field(default_factory=list)
    cut_short: str | None = None
    coverage: Coverage = field(default_factory=Coverage, compare=False)  # a report on the parser

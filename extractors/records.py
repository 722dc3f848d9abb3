"""Records: what a page says, as printed, each with its place on the page.

Every value is text as the page prints it, with white space folded; an absent value is None, never
"". Nothing is typed, rounded or judged before transforms. Stored digests are taken over the repr
of these records, so the name of a record or field cannot change without a new PARSER_VERSION.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple, get_args

from extractors.errors import MptfError
from extractors.ids import (
    Subject,
    fund_code_of,
    parse_key,
    programme_id_of,
    statement_month_of,
    subject_of,
)

# Raise it when the same bytes give other records; `mptf rebuild` then parses them again.
PARSER_VERSION = "11"


class PageKind(StrEnum):
    """The kind of a page, which follows from its content."""

    PROGRAMME_FACTSHEET = "programme_factsheet"
    FUND_FACTSHEET = "fund_factsheet"
    FACTSHEET = "factsheet"  # a programme's or a fund's: its text does not say which, its URL does
    PORTFOLIO_LIST = "portfolio_list"
    VOUCHERS = "vouchers"
    PRINT_VIEW = "print_view"
    FIGURES_EXCEL = "figures_excel"
    VOUCHERS_EXCEL = "vouchers_excel"
    STATEMENT_EXCEL = "statement_excel"
    CONTRIBUTORS_VIEW = "contributors_view"  # of a fund or of all: its URL says which
    FUND_PAGE = "fund_page"  # of the site since 2022, without figures
    PROGRAMME_PAGE = "programme_page"  # of the site since 2022, without figures
    API_ANSWER = "api_answer"
    MAINTENANCE = "maintenance"
    LOGIN = "login"
    OTHER = "other"


# The subject of a page of each kind. That of a bare factsheet or view of contributors is its URL's;
# others have no records.
SUBJECTS: dict[PageKind, Subject] = {
    PageKind.PROGRAMME_FACTSHEET: "programme",
    PageKind.VOUCHERS: "programme",
    PageKind.PRINT_VIEW: "programme",
    PageKind.FIGURES_EXCEL: "programme",
    PageKind.VOUCHERS_EXCEL: "programme",
    PageKind.FUND_FACTSHEET: "fund",
    PageKind.STATEMENT_EXCEL: "fund",
    PageKind.FUND_PAGE: "fund",
    PageKind.PROGRAMME_PAGE: "programme",
    PageKind.PORTFOLIO_LIST: "list",
    PageKind.API_ANSWER: "list",
}


class Representation(StrEnum):
    """The format of a page, which follows from its content."""

    HTML = "html"
    NEW_HTML = "new_html"  # HTML with links to the site's URLs since 2022
    HTML_XLS = "html_xls"  # an HTML table made for a spreadsheet, usually named .xls
    XLSX = "xlsx"
    SPREADSHEETML = "spreadsheetml"  # a workbook of Excel 2003 as XML, usually named .xls
    CSV = "csv"
    TEXT = "text"
    PIPED_TEXT = "piped_text"
    JSON = "json"  # an answer of the site's API
    UNKNOWN = "unknown"  # the page was refused


# What a spreadsheet program opens: IDs are numbers there, which have lost their leading zeros.
SPREADSHEETS = frozenset(
    {
        Representation.HTML_XLS,
        Representation.XLSX,
        Representation.SPREADSHEETML,
        Representation.CSV,
    }
)


class PageRefusedError(MptfError):
    """A page without any record that can be parsed; a retry changes nothing.

    Attributes:
        rule: the broken rule, one word of snake_case, as listed in docs/operators.md.
        text: the offending text as printed, or "" if there is none.
        kind: the kind of the page, as far as it is known.
    """

    def __init__(
        self, rule: str, message: str, text: str = "", kind: PageKind = PageKind.OTHER
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.rule = rule
        self.message = message
        self.text = text


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

    `read_in_full` tells that every row was understood and that the table is not one page of
    several, so that a row missing from it is not shown by the site.
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


class Capture(NamedTuple):
    """One page as seen at one time: a row of the ledger, from the archive's records.

    Times are naive UTC, whole seconds. `unchanged` tells that the archive already held the same
    bytes. `etag` and `last_modified` are as the site sent them. `warc_offset` is in bytes.
    `cut_short` is the reason why bytes are known to be missing behind the body, if they are.
    `given_at` and `shown_at` are those of the capture that was archived.
    """

    capture_id: str
    url: str
    source: str
    captured_at: datetime
    captured_at_source: str
    fetched_at: datetime
    http_status: int | None
    body_sha256: str
    body_bytes: int
    unchanged: bool
    etag: str | None
    last_modified: str | None
    run_id: str
    warc_file: str
    warc_offset: int
    cut_short: str | None = None
    given_at: datetime | None = None
    shown_at: datetime | None = None

    @property
    def parse_key(self) -> str:
        """Return the key of what is parsed from the body."""
        return parse_key(self.url, self.body_sha256, self.cut_short)

    @property
    def address_subject(self) -> Subject | None:
        """Return the kind of subject that the URL names, if it is one of the Gateway's."""
        return subject_of(self.url)

    @property
    def address_programme_id(self) -> str | None:
        """Return the programme that the URL names, if any."""
        return programme_id_of(self.url)

    @property
    def address_fund_code(self) -> str | None:
        """Return the fund that the URL names, if any."""
        return fund_code_of(self.url)

    @property
    def statement_month(self) -> str | None:
        """Return the month of which the URL asks for a fund's statement, if any."""
        return statement_month_of(self.url)


ForgetAction = Literal["forget", "restore", "erase"]


class ForgetOrder(NamedTuple):
    """One capture that an order of `mptf forget` names, and what becomes of it.

    The newest order about a capture counts; of two at one time, that of the greater run ID.
    """

    capture_id: str
    body_sha256: str
    action: ForgetAction
    ordered_at: datetime
    run_id: str

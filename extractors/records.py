"""What is passed on from a page: records as printed, each with where it stood.

Every value here is text exactly as the page prints it, with white space folded; an absent value is
None, never "". Nothing is parsed, rounded or judged before transforms.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple, get_args

from extractors.errors import MptfError
from extractors.ids import Subject, fund_code_of, programme_id_of, subject_of

# Changes whenever the same bytes could give other records; `mptf rebuild` then reads them again.
PARSER_VERSION = "7"


class PageKind(StrEnum):
    """What a page is, decided by its content."""

    PROGRAMME_FACTSHEET = "programme_factsheet"
    FUND_FACTSHEET = "fund_factsheet"
    PORTFOLIO_LIST = "portfolio_list"
    VOUCHERS = "vouchers"
    PRINT_VIEW = "print_view"
    FIGURES_EXCEL = "figures_excel"
    VOUCHERS_EXCEL = "vouchers_excel"
    STATEMENT_EXCEL = "statement_excel"
    MAINTENANCE = "maintenance"
    LOGIN = "login"
    OTHER = "other"


# What a page of each kind is about; a page of another kind is about nothing that is kept.
SUBJECTS: dict[PageKind, Subject] = {
    PageKind.PROGRAMME_FACTSHEET: "programme",
    PageKind.VOUCHERS: "programme",
    PageKind.PRINT_VIEW: "programme",
    PageKind.FIGURES_EXCEL: "programme",
    PageKind.VOUCHERS_EXCEL: "programme",
    PageKind.FUND_FACTSHEET: "fund",
    PageKind.STATEMENT_EXCEL: "fund",
    PageKind.PORTFOLIO_LIST: "list",
}


class Representation(StrEnum):
    """How a page came to us, decided by its content."""

    HTML = "html"
    NEW_HTML = "new_html"  # HTML whose links are of the site's addresses since 2022
    HTML_XLS = "html_xls"  # an HTML table made for a spreadsheet, usually named .xls
    XLSX = "xlsx"
    CSV = "csv"
    TEXT = "text"
    PIPED_TEXT = "piped_text"
    UNKNOWN = "unknown"  # of a page that was refused


class PageRefusedError(MptfError):
    """A whole page that holds no record that can be read; reading it again changes nothing.

    Attributes:
        rule: the broken rule, one word of snake_case, as listed in docs/operators.md.
        text: the offending text as printed, or "" where the page has none.
        kind: what the page is, as far as that is known.
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
    """One paragraph or list item of the narrative; outcome_no is 0 outside outcomes, seq from 1."""

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


class PrintedFigure(NamedTuple):
    """One row (or, with years across, one row and year) of a Key Figures table.

    `total` rows are sums of others, never facts. Without a year in the table `fiscal_year` is None:
    the figure is since the programme's start. It is empty where the table has years, and the row
    has none.
    """

    table_no: int
    organization: str | None
    fiscal_year: str | None
    measures: dict[Measure, str]
    total: bool
    where: str
    text: str


class PrintedTable(NamedTuple):
    """How one Key Figures table was read.

    `read_in_full` says that every row was understood and that the table is not one page of several,
    so that a row which is not in it is not shown.
    """

    table_no: int
    by_year: bool
    by_organization: bool
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
    """What a fund's factsheet says of the fund itself; `fund_type` is that of its heading."""

    name: str | None
    fund_type: str | None
    start_date: str | None
    end_date: str | None
    where: str
    text: str


StatementBlock = Literal["administrative_agent", "participating_organizations"]


class PrintedStatementLine(NamedTuple):
    """One line of a Funding Status, in the order printed.

    `operator` is the sign in a column of its own (`+` or `-`), None where there is none; a sign or
    parentheses glued to the amount stay in `amount`. `label` keeps a leading dash.
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

    `url` is the address that it links to, which gives the code or ID where the row does not print
    it. `details` are the other cells, each with its heading.
    """

    listed: ListKind
    name: str
    url: str | None
    programme_id: str | None
    fund_code: str | None
    details: tuple[tuple[str, str], ...]
    where: str
    text: str


class PrintedPaging(NamedTuple):
    """That a list goes on elsewhere: `Showing 1 to 50 of 120`, `Page 1 of 3`, a link to the next.

    `whole` is the number of rows, or of pages, that the page says there are, if it can be one.
    """

    what: Literal["rows", "pages"]
    shown: str
    whole: str | None
    next_url: str | None


class PrintedFinding(NamedTuple):
    """Something that was loaded but is worth knowing, or that could not be understood."""

    kind: str
    subject: str
    detail: str


class Coverage(NamedTuple):
    """How much of a page was understood: the page's part of the extraction report.

    `layout` names the shape of the page: its kind, its representation and its tables' headings,
    without what changes from programme to programme. `known` and `unknown` count what gives a page
    its shape: labels and headings that are known, and those (or lines) that are not.
    """

    layout: str = ""
    known: int = 0
    unknown: int = 0
    tables_read: int = 0
    tables_unread: int = 0


@dataclass(slots=True)
class Page:
    """Everything that one page says. What its kind does not have is None or empty.

    `programme_id` and `fund_code` are those that the page is about, where it says so: an Excel view
    may say neither, a fund's factsheet often prints no code. `views` are the addresses, as linked,
    of the Excel or print views of a factsheet that comes without its figures.
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
    vouchers: list[PrintedVoucher] = field(default_factory=list)
    statement: list[PrintedStatementLine] = field(default_factory=list)
    listings: list[PrintedListing] = field(default_factory=list)
    paging: list[PrintedPaging] = field(default_factory=list)
    views: list[str] = field(default_factory=list)
    contacts: list[PrintedContact] = field(default_factory=list)
    findings: list[PrintedFinding] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage, compare=False)  # not what the page says


class Capture(NamedTuple):
    """One page as seen at one time: a row of the ledger, as it stands in the archive's records.

    Times are UTC, whole seconds, without tzinfo. `unchanged` says that the archive held these very
    bytes already. `etag` and `last_modified` are as the site sent them. `warc_file` and
    `warc_offset` (bytes) say where the record stands.
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

    @property
    def address_subject(self) -> Subject | None:
        """What the address says that the page is about, if it is one of the Gateway's."""
        return subject_of(self.url)

    @property
    def address_programme_id(self) -> str | None:
        """The programme that the address names, if it names one."""
        return programme_id_of(self.url)

    @property
    def address_fund_code(self) -> str | None:
        """The fund that the address names, if it names one."""
        return fund_code_of(self.url)

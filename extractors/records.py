"""What is passed on from a page: records as printed, each with where it stood.

Every value here is text exactly as the page prints it, with white space folded; an absent value is
None, never "". Nothing is parsed, rounded or judged before transforms.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from extractors.ids import fund_code_of, programme_id_of

# Changes whenever the same bytes could give other records; `mptf rebuild` then reads them again.
PARSER_VERSION = "2"


class PageKind(StrEnum):
    """What a page is, decided by its content."""

    PROGRAMME_FACTSHEET = "programme_factsheet"
    FUND_FACTSHEET = "fund_factsheet"
    OTHER = "other"


class Representation(StrEnum):
    """How a page came to us."""

    HTML = "html"
    TEXT = "text"
    PIPED_TEXT = "piped_text"
    UNKNOWN = "unknown"


class PageRefusedError(Exception):
    """A whole page that cannot be a record of a programme; reading it again changes nothing.

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

    title: str | None
    description: str | None
    fund_name: str | None
    fund_code: str | None
    theme: str | None
    start_date: str | None
    end_date: str | None
    country: str | None
    status: str | None
    participating_organization: str | None
    where: str
    text: str


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


class PrintedFigure(NamedTuple):
    """One row (or, with years across, one row and year) of a Key Figures table.

    `total` rows are sums of others, never facts. Without a year in the table `fiscal_year` is None:
    the figure is since the programme's start.
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


class PrintedFinding(NamedTuple):
    """Something that was loaded but is worth knowing, or that could not be understood."""

    kind: str
    subject: str
    detail: str


@dataclass(slots=True)
class Page:
    """Everything that one programme factsheet says."""

    kind: PageKind
    representation: Representation
    programme_id: str
    programme: PrintedProgramme
    currency: str | None = None
    passages: list[PrintedPassage] = field(default_factory=list)
    documents: list[PrintedDocument] = field(default_factory=list)
    tables: list[PrintedTable] = field(default_factory=list)
    figures: list[PrintedFigure] = field(default_factory=list)
    vouchers: list[PrintedVoucher] = field(default_factory=list)
    contacts: list[PrintedContact] = field(default_factory=list)
    findings: list[PrintedFinding] = field(default_factory=list)


class Capture(NamedTuple):
    """One page as seen at one time: a row of the ledger, as it stands in the archive's records.

    Times are UTC, whole seconds, without tzinfo. `unchanged` says that the archive held these very
    bytes already. `warc_file` and `warc_offset` (bytes) say where the record stands.
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
    run_id: str
    warc_file: str
    warc_offset: int

    @property
    def address_programme_id(self) -> str | None:
        """The programme that the address names, if it names one."""
        return programme_id_of(self.url)

    @property
    def address_fund_code(self) -> str | None:
        """The fund that the address names, if it names one."""
        return fund_code_of(self.url)

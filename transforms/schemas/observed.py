"""observed: what each distinct page body says, stored once and never updated.

Vintages are derived from these and from the captures, which say when each body was seen.
"""

from transforms.schemas.contents import (
    Contribution,
    DatePrecision,
    Document,
    FundIdentity,
    Identity,
    Measures,
    OrganizationFigures,
    OrganizationPrinted,
    Passage,
    Person,
    PrintedTotal,
    StatementLine,
    VoucherContent,
    VoucherStatus,
)
from transforms.schemas.parts import (
    CONTRIBUTORS,
    FUND_CODE,
    PROGRAMME_ID,
    SHA256,
    OfOrganization,
    OfParse,
    ReadInFull,
    SpanOfYears,
    YearIfAny,
)
from transforms.schemas.table import Flag, Integer, TableModel, Text, column, table


class Body(OfParse):
    parser_version: Text = column("Version of the parser that read it")
    page_kind: Text = column("What the page is")
    representation: Text = column(
        "How the page came: html, text, xlsx, csv and so on; unknown if refused"
    )
    subject: Text = column(
        "What it is about: programme, fund or list; NULL if refused, or if only its URL says",
        nullable=True,
        isin=["programme", "fund", "list"],
    )
    programme_id: Text = column(
        "Programme that it says it is about", nullable=True, str_matches=PROGRAMME_ID
    )
    fund_code: Text = column("Fund that it says it is about", nullable=True, str_matches=FUND_CODE)
    status: Text = column(
        "Status in the spelling that is known, NULL for any other; it decides the basis even where "
        "the identity block is set aside",
        nullable=True,
    )
    refused_rule: Text = column("Why the whole page was refused; NULL if read", nullable=True)
    refused_message: Text = column("The refusal in words", nullable=True, private=True)
    refused_text: Text = column("The offending text", nullable=True, private=True)
    figures_digest: Text = column("Digest of the figures; NULL if it has none", nullable=True)
    narrative_digest: Text = column("Digest of the narrative; NULL if it has none", nullable=True)
    documents_digest: Text = column("Digest of the documents; NULL if it has none", nullable=True)
    contacts_digest: Text = column("Digest of the contacts; NULL if it has none", nullable=True)
    statement_digest: Text = column("Digest of the statement; NULL if it has none", nullable=True)
    contributions_digest: Text = column(
        "Digest of the contributions on a page; NULL if it has none", nullable=True
    )
    content_digest: Text = column(
        "Digest of all that it says, without the site's clock; NULL if refused", nullable=True
    )
    rows_in_all: Integer = column(
        "Rows of the whole list, of which this page says that it shows some",
        unit="rows",
        nullable=True,
        ge=0,
    )
    cut_short: Text = column(
        "Why the page breaks off before its end, in one word; NULL if it is whole", nullable=True
    )
    layout: Text = column("The page's layout: what it is, and its tables' headings")
    known: Integer = column("Labels and headings that are known", unit="labels", ge=0)
    unknown: Integer = column(
        "Labels, headings, tables and lines that are not known", unit="labels", ge=0
    )
    tables_read: Integer = column("Tables that were read", unit="tables", ge=0)
    tables_unread: Integer = column("Tables of which no heading is known", unit="tables", ge=0)

    class Config(TableModel.Config):
        metadata = table("one distinct page body, or one part of an API's answer", "parse_key")


class ObservedProgramme(OfParse, Identity, DatePrecision):
    class Config(TableModel.Config):
        metadata = table("the identity block of one body", "parse_key")


class ObservedFigure(OfParse, OfOrganization, YearIfAny, Measures, OrganizationPrinted):
    class Config(TableModel.Config):
        metadata = table(
            "one row of a figure table of one body; a row of dashes has no measure",
            "parse_key", "organization", "fiscal_year",
        )  # fmt: skip


class ObservedFigureTable(OfParse, ReadInFull):
    by_year: Flag = column("Whether the table tells years apart")
    by_organization: Flag = column("Whether the table names organizations")
    fiscal_year: Integer = column(
        "The one year that it shows rows of; NULL if it may show all", nullable=True
    )

    class Config(TableModel.Config):
        metadata = table(
            "the figure tables of one kind in one body", "parse_key", "by_year", "by_organization"
        )


class ObservedFigureTotal(OfParse, PrintedTotal):
    subject: Text = column("Table, and the organization or year that the total is for")
    organization: Text = column("Organization that the total is for; `(all)` for all")
    fiscal_year: Integer = column("Year that the total is for; NULL for all", nullable=True)
    by_year: Flag = column("Whether it is of rows by year; else of rows since the start")
    measure: Text = column("The measure summed")

    class Config(TableModel.Config):
        metadata = table(
            "one printed total of one body, beside the sum of its rows",
            "parse_key", "subject", "measure",
        )  # fmt: skip


class ObservedVoucher(OfParse, VoucherContent, VoucherStatus):
    class Config(TableModel.Config):
        metadata = table(
            "one voucher of one body",
            "parse_key", "voucher_number", "voucher_date", "organization", "amount_usd",
        )  # fmt: skip


class ObservedNarrative(OfParse, Passage):
    class Config(TableModel.Config):
        metadata = table("one passage of one body", "parse_key", "section", "outcome_no", "seq")


class ObservedDocument(OfParse, Document):
    class Config(TableModel.Config):
        metadata = table("one document of one body", "parse_key", "url")


class ObservedContact(OfParse, Person):
    class Config(TableModel.Config):
        metadata = table("one person of one body", "parse_key", "seq", private=True)


class ObservedFund(OfParse, FundIdentity, DatePrecision):
    class Config(TableModel.Config):
        metadata = table("what one body says of its fund", "parse_key")


class ObservedStatementLine(OfParse, StatementLine):
    class Config(TableModel.Config):
        metadata = table("one line of the statement of one body", "parse_key", "block", "line")


class ObservedStatementSum(OfParse, PrintedTotal):
    block: Text = column("The block of the statement")
    line: Text = column("The total or balance, by its lasting name")

    class Config(TableModel.Config):
        metadata = table(
            "one total of the statement of one body, beside the sum of its lines",
            "parse_key", "block", "line",
        )  # fmt: skip


class ObservedListing(OfParse):
    listed: Text = column(
        "What the list is of: funds, organizations, contributors or programmes",
        isin=["funds", "organizations", "contributors", "programmes"],
    )
    seq: Integer = column("Place on the page, from 1", ge=1)
    name: Text = column("Name as printed")
    url: Text = column("URL that it links to", nullable=True)
    programme_id: Text = column("Programme listed", nullable=True, str_matches=PROGRAMME_ID)
    fund_code: Text = column("Fund listed", nullable=True, str_matches=FUND_CODE)
    details: Text = column("The row's other cells as printed, each with its heading")

    class Config(TableModel.Config):
        metadata = table("one row of a list of one body", "parse_key", "seq")


class ObservedPageLink(OfParse):
    rel: Text = column(
        "`next`: where a list goes on; `view`: the Excel or print view of a factsheet without"
        " figures, or of a fund's without contributors",
        isin=["next", "view"],
    )
    seq: Integer = column("Place on the page, from 1", ge=1)
    url: Text = column("URL as linked")

    class Config(TableModel.Config):
        metadata = table("one link to more of what one body shows", "parse_key", "rel", "seq")


class ObservedAnswer(OfParse, ReadInFull):
    rows_printed: Integer = column("Rows in it", unit="rows", ge=0)
    rows_read: Integer = column("Rows that were loaded from it", unit="rows", ge=0)
    empty_part_key: Text = column(
        "Key of what it says of a programme that it has no row of; NULL if that is nothing",
        nullable=True,
        str_matches=SHA256,
    )

    class Config(TableModel.Config):
        metadata = table("one answer of the API", "parse_key")


class ObservedPart(OfParse):
    programme_id: Text = column("Programme that the part is about", str_matches=PROGRAMME_ID)
    part_key: Text = column(
        "Key of the part, which stands in observed.body and observed.figure like a page's: a digest"
        " of what the answer says of the programme",
        str_matches=SHA256,
    )

    class Config(TableModel.Config):
        metadata = table(
            "what one answer of the API says of one programme", "parse_key", "programme_id"
        )


class ObservedOrganizationFigure(OfParse, OrganizationFigures, SpanOfYears):
    class Config(TableModel.Config):
        metadata = table(
            "one organization's figures over all funds, of one answer",
            "parse_key", "agency_code", "organization", "from_year", "to_year",
        )  # fmt: skip


class ObservedContribution(OfParse, Contribution, SpanOfYears):
    fund_code: Text = column(
        "Fund; `(all)` where an answer names none, `(page)` where a page does not: the fund that it"
        " is about, or on a list of all funds, all",
        source=CONTRIBUTORS,
        str_matches=r"^([A-Z0-9]{5}|\(all\)|\(page\))$",
    )

    class Config(TableModel.Config):
        metadata = table(
            "one contribution of one page or answer",
            "parse_key", "fund_code", "contributor", "from_year", "to_year",
        )  # fmt: skip


class ObservedContributionTable(OfParse, ReadInFull):
    by_year: Flag = column("Whether the table tells years apart")
    by_fund: Flag = column("Whether the table names funds")

    class Config(TableModel.Config):
        metadata = table(
            "the tables of contributors of one kind in one body", "parse_key", "by_year", "by_fund"
        )


class ObservedContributionTotal(OfParse, PrintedTotal):
    subject: Text = column("Table, and the contributor or year that the total is for")
    measure: Text = column("The measure summed")

    class Config(TableModel.Config):
        metadata = table(
            "one printed total of contributions of one body, beside the sum of its rows",
            "parse_key", "subject", "measure",
        )  # fmt: skip


class ObservedFinding(OfParse):
    kind: Text = column("Kind of finding, as listed in docs/operators.md")
    subject: Text = column("What it is about: a programme, a table, a column")
    detail: Text = column("The text as printed, or what is worth knowing")

    class Config(TableModel.Config):
        metadata = table("one finding in one body", "parse_key", "kind", "subject", "detail")


OBSERVED_TABLES: dict[str, type[TableModel]] = {
    "observed.body": Body,
    "observed.programme": ObservedProgramme,
    "observed.figure": ObservedFigure,
    "observed.figure_table": ObservedFigureTable,
    "observed.figure_total": ObservedFigureTotal,
    "observed.voucher": ObservedVoucher,
    "observed.narrative": ObservedNarrative,
    "observed.document": ObservedDocument,
    "observed.contact": ObservedContact,
    "observed.fund": ObservedFund,
    "observed.statement_line": ObservedStatementLine,
    "observed.statement_sum": ObservedStatementSum,
    "observed.listing": ObservedListing,
    "observed.page_link": ObservedPageLink,
    "observed.answer": ObservedAnswer,
    "observed.part": ObservedPart,
    "observed.organization_figure": ObservedOrganizationFigure,
    "observed.contribution": ObservedContribution,
    "observed.contribution_table": ObservedContributionTable,
    "observed.contribution_total": ObservedContributionTotal,
    "observed.finding": ObservedFinding,
}

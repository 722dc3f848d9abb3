"""observed: what each distinct page body says, stored once and never updated.

Vintages are derived from these and from the captures, which say when each body was seen.
"""

import pandera.polars as pa
import polars as pl

from transforms.schemas.parts import (
    FIRST_YEAR,
    LAST_YEAR,
    PROGRAMME_ID,
    Document,
    Identity,
    Measures,
    OfBody,
    OfOrganization,
    OfProgramme,
    OrganizationPrinted,
    Passage,
    Person,
    VoucherContent,
    VoucherStatus,
)
from transforms.schemas.table import Flag, Integer, TableModel, Text, Usd, column, table


class Body(OfBody):
    parser_version: Text = column("Version of the parser that read it")
    page_kind: Text = column("What the page is")
    representation: Text = column("How the page came: html, text, piped_text or unknown")
    programme_id: Text = column(
        "Programme that it is about", nullable=True, str_matches=PROGRAMME_ID
    )
    status: Text = column(
        "Status as printed, which decides the basis even where the identity block is set aside",
        nullable=True,
    )
    refused_rule: Text = column("Why the whole page was refused; NULL if read", nullable=True)
    refused_message: Text = column("The refusal in words", nullable=True)
    refused_text: Text = column("The offending text", nullable=True)
    narrative_digest: Text = column("Digest of the narrative; NULL if it has none", nullable=True)
    documents_digest: Text = column("Digest of the documents; NULL if it has none", nullable=True)
    contacts_digest: Text = column("Digest of the contacts; NULL if it has none", nullable=True)

    class Config(TableModel.Config):
        metadata = table("one distinct page body", "body_sha256", private=True)


class ObservedProgramme(OfBody, OfProgramme, Identity):
    class Config(TableModel.Config):
        metadata = table("the identity block of one body", "body_sha256")

    @pa.dataframe_check(name="ends_on_or_after_start")
    def _ends_on_or_after_start(cls, data: pa.PolarsData) -> pl.LazyFrame:  # noqa: N805 because pandera makes it a class method
        return data.lazyframe.select(
            pl.col("end_date").ge(pl.col("start_date")).fill_null(value=True)
        )


class ObservedFigure(OfBody, OfProgramme, OfOrganization, Measures, OrganizationPrinted):
    fiscal_year: Integer = column(
        "Calendar year; NULL for figures since the programme's start",
        nullable=True,
        ge=FIRST_YEAR,
        le=LAST_YEAR,
    )

    class Config(TableModel.Config):
        metadata = table(
            "one row of a figure table of one body; a row of dashes has no measure",
            "body_sha256", "organization", "fiscal_year",
        )  # fmt: skip


class ObservedFigureTable(OfBody, OfProgramme):
    by_year: Flag = column("Whether the table tells years apart")
    by_organization: Flag = column("Whether the table names organizations")
    read_in_full: Flag = column("Whether a row that is not in it is not shown")

    class Config(TableModel.Config):
        metadata = table(
            "the figure tables of one kind in one body", "body_sha256", "by_year", "by_organization"
        )


class ObservedFigureTotal(OfBody, OfProgramme):
    subject: Text = column("Table, and the organization or year that the total is for")
    measure: Text = column("The measure summed")
    printed_usd: Usd = column("The total as printed", unit="US$")
    summed_usd: Usd = column("The sum of the rows as printed", unit="US$")
    figures: Integer = column("Printed figures that enter the comparison, the total too", ge=1)

    class Config(TableModel.Config):
        metadata = table(
            "one printed total of one body, beside the sum of its rows",
            "body_sha256", "subject", "measure",
        )  # fmt: skip


class ObservedVoucher(OfBody, OfProgramme, VoucherContent, VoucherStatus):
    class Config(TableModel.Config):
        metadata = table(
            "one voucher of one body",
            "body_sha256", "voucher_number", "voucher_date", "organization", "amount_usd",
        )  # fmt: skip


class ObservedNarrative(OfBody, OfProgramme, Passage):
    class Config(TableModel.Config):
        metadata = table("one passage of one body", "body_sha256", "section", "outcome_no", "seq")


class ObservedDocument(OfBody, OfProgramme, Document):
    class Config(TableModel.Config):
        metadata = table("one document of one body", "body_sha256", "url")


class ObservedContact(OfBody, OfProgramme, Person):
    class Config(TableModel.Config):
        metadata = table("one person of one body", "body_sha256", "seq", private=True)


class ObservedFinding(OfBody):
    kind: Text = column("Kind of finding, as listed in docs/operators.md")
    subject: Text = column("What it is about: a programme, a table, a column")
    detail: Text = column("The text as printed, or what is worth knowing")

    class Config(TableModel.Config):
        metadata = table("one finding in one body", "body_sha256", "kind", "subject", "detail")


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
    "observed.finding": ObservedFinding,
}

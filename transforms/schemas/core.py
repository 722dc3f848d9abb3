"""core: what the pages said, vintage by vintage."""

from transforms.schemas.parts import (
    FUND_CODE,
    Basis,
    Document,
    FiscalYear,
    Identity,
    Measures,
    OfCapture,
    OfOrganization,
    OfProgramme,
    OfVintage,
    OrganizationPrinted,
    Passage,
    Person,
    Shown,
    VoucherContent,
    VoucherStatus,
)
from transforms.schemas.table import (
    Day,
    Integer,
    Percent,
    TableModel,
    Text,
    Time,
    Usd,
    column,
    table,
)


class Programme(OfProgramme, OfVintage, Identity, OfCapture):
    class Config(TableModel.Config):
        metadata = table("one vintage of a programme's identity", "programme_id", "known_from")


class FundKey(TableModel):
    fund_code: Text = column(
        "Fund code: five letters or digits", source="fund factsheet", str_matches=FUND_CODE
    )


class Fund(FundKey, OfVintage, OfCapture):
    name: Text = column("Name as printed", source="fund factsheet", nullable=True)
    fund_type: Text = column(
        "Trust Fund, Joint Programme or Other Fund", source="fund factsheet", nullable=True
    )
    start_date: Day = column("Start date", source="fund factsheet", nullable=True)
    end_date: Day = column("End date", source="fund factsheet", nullable=True)

    class Config(TableModel.Config):
        metadata = table("one vintage of a fund's identity", "fund_code", "known_from")


class ExpenditureSnapshot(
    OfProgramme, OfOrganization, FiscalYear, Basis, OfVintage, Measures, OrganizationPrinted,
    Shown, OfCapture,
):  # fmt: skip
    class Config(TableModel.Config):
        metadata = table(
            "one vintage of one organization's figures for one year in one programme",
            "programme_id", "organization", "fiscal_year", "basis", "known_from",
        )  # fmt: skip


class CumulativeSnapshot(
    OfProgramme, OfOrganization, Basis, OfVintage, Measures, OrganizationPrinted, Shown, OfCapture
):
    class Config(TableModel.Config):
        metadata = table(
            "one vintage of one organization's figures since the programme's start",
            "programme_id", "organization", "basis", "known_from",
        )  # fmt: skip


class Voucher(OfProgramme, VoucherContent, VoucherStatus, OfCapture):
    line_no: Integer = column(
        "Tells equal voucher numbers apart by date, organization and amount, from 1", ge=1
    )
    first_seen: Time = column("First capture that showed it", unit="UTC")
    last_seen: Time = column("Last capture that showed it", unit="UTC")

    class Config(TableModel.Config):
        metadata = table(
            "one payment voucher; only those from 1 January 2009 on are shown",
            "programme_id", "voucher_number", "line_no",
        )  # fmt: skip


class FundingStatus(FundKey, OfVintage, OfCapture):
    block: Text = column(
        "administrative_agent or participating_organizations",
        source="fund factsheet, Funding Status",
        isin=["administrative_agent", "participating_organizations"],
    )
    line: Text = column("The line, as a name that stays", source="fund factsheet, Funding Status")
    label: Text = column("The label as printed", source="fund factsheet, Funding Status")
    amount_usd: Usd = column(
        "Magnitude; a balance keeps its sign",
        unit="US$",
        source="fund factsheet, Funding Status",
        nullable=True,
    )
    pct: Percent = column(
        "Percentage", unit="percent", source="fund factsheet, Funding Status", nullable=True
    )
    role: Text = column(
        "How the line enters the sum: adds, subtracts, total, balance or percentage",
        isin=["adds", "subtracts", "total", "balance", "percentage"],
    )

    class Config(TableModel.Config):
        metadata = table(
            "one line of one vintage of a fund's Funding Status",
            "fund_code", "known_from", "block", "line",
        )  # fmt: skip


class Narrative(OfProgramme, OfVintage, Passage, OfCapture):
    class Config(TableModel.Config):
        metadata = table(
            "one passage of one vintage of a programme's narrative",
            "programme_id", "known_from", "section", "outcome_no", "seq",
        )  # fmt: skip


class ListedDocument(OfProgramme, OfVintage, Document, OfCapture):
    class Config(TableModel.Config):
        metadata = table(
            "one document of one vintage of a programme's list",
            "programme_id", "known_from", "url",
        )  # fmt: skip


class Contact(OfProgramme, OfVintage, Person):
    class Config(TableModel.Config):
        metadata = table(
            "one person of one vintage of a programme's contacts; never in a release",
            "programme_id", "known_from", "seq", private=True,
        )  # fmt: skip


CORE_TABLES: dict[str, type[TableModel]] = {
    "core.programme": Programme,
    "core.fund": Fund,
    "core.expenditure_snapshot": ExpenditureSnapshot,
    "core.cumulative_snapshot": CumulativeSnapshot,
    "core.voucher": Voucher,
    "core.funding_status": FundingStatus,
    "core.narrative": Narrative,
    "core.document": ListedDocument,
    "core.contact": Contact,
}

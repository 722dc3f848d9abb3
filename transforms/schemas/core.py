"""core: what the pages said, vintage by vintage."""

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
    StatementLine,
    VoucherContent,
    VoucherStatus,
)
from transforms.schemas.parts import (
    FUND_CODE,
    Basis,
    FiscalYear,
    OfCapture,
    OfOrganization,
    OfProgramme,
    OfVintage,
    Shown,
    SpanOfYears,
)
from transforms.schemas.table import (
    Integer,
    TableModel,
    Text,
    Time,
    column,
    table,
)


class Programme(OfProgramme, OfVintage, Identity, DatePrecision, OfCapture):
    class Config(TableModel.Config):
        metadata = table("one vintage of a programme's identity", "programme_id", "known_from")


class FundKey(TableModel):
    fund_code: Text = column(
        "Fund code: five letters or digits", source="fund factsheet", str_matches=FUND_CODE
    )


class Fund(FundKey, OfVintage, FundIdentity, DatePrecision, OfCapture):
    class Config(TableModel.Config):
        metadata = table("one vintage of a fund's identity", "fund_code", "known_from")


class ExpenditureSnapshot(
    OfProgramme, OfOrganization, FiscalYear, Basis, OfVintage, Measures, OrganizationPrinted,
    Shown, OfCapture,
):  # fmt: skip
    class Config(TableModel.Config):
        metadata = table(
            "one vintage of one organization's figures for one year in one programme",
            "programme_id", "organization", "fiscal_year", "basis", "known_from", view=True,
        )  # fmt: skip


class CumulativeSnapshot(
    OfProgramme, OfOrganization, Basis, OfVintage, Measures, OrganizationPrinted, Shown, OfCapture
):
    class Config(TableModel.Config):
        metadata = table(
            "one vintage of one organization's figures since the programme's start",
            "programme_id", "organization", "basis", "known_from", view=True,
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
            "programme_id", "voucher_number", "line_no", view=True,
        )  # fmt: skip


class FundingStatus(FundKey, OfVintage, StatementLine, OfCapture):
    statement_month: Text = column(
        "Month of which the URL asks for the statement (2017-12), or `(current)`"
    )
    as_of: Time = column(
        "When the statement stood so: the end of its month, else (and at most) the capture time",
        unit="UTC",
    )

    class Config(TableModel.Config):
        metadata = table(
            "one line of one vintage of a fund's Funding Status",
            "fund_code", "statement_month", "known_from", "block", "line",
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


class FundNarrative(FundKey, OfVintage, Passage, OfCapture):
    class Config(TableModel.Config):
        metadata = table(
            "one passage of one vintage of a fund's narrative",
            "fund_code", "known_from", "section", "outcome_no", "seq",
        )  # fmt: skip


class FundDocument(FundKey, OfVintage, Document, OfCapture):
    class Config(TableModel.Config):
        metadata = table(
            "one document of one vintage of a fund's list", "fund_code", "known_from", "url"
        )


class OrganizationSnapshot(OrganizationFigures, FiscalYear, Basis, OfVintage, Shown, OfCapture):
    class Config(TableModel.Config):
        metadata = table(
            "one vintage of one organization's figures for one year, over all funds",
            "agency_code", "organization", "fiscal_year", "basis", "known_from",
        )  # fmt: skip


class OrganizationCumulativeSnapshot(
    OrganizationFigures, SpanOfYears, Basis, OfVintage, Shown, OfCapture
):
    class Config(TableModel.Config):
        metadata = table(
            "one vintage of one organization's figures over several years and all funds",
            "agency_code", "organization", "from_year", "to_year", "basis", "known_from",
        )  # fmt: skip


class ContributionSnapshot(Contribution, FiscalYear, OfVintage, Shown, OfCapture):
    class Config(TableModel.Config):
        metadata = table(
            "one vintage of what one contributor gave to one fund in one year",
            "fund_code", "contributor", "fiscal_year", "known_from",
        )  # fmt: skip


class ContributionCumulativeSnapshot(Contribution, SpanOfYears, OfVintage, Shown, OfCapture):
    class Config(TableModel.Config):
        metadata = table(
            "one vintage of what one contributor gave to one fund over several years",
            "fund_code", "contributor", "from_year", "to_year", "known_from",
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
    "core.fund_narrative": FundNarrative,
    "core.fund_document": FundDocument,
    "core.organization_snapshot": OrganizationSnapshot,
    "core.organization_cumulative_snapshot": OrganizationCumulativeSnapshot,
    "core.contribution_snapshot": ContributionSnapshot,
    "core.contribution_cumulative_snapshot": ContributionCumulativeSnapshot,
}

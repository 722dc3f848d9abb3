"""vintage: what is derived from observations and captures, as it is kept behind core.

A page that is seen again as it was changes one row of `vintage.open_page`, and what hangs on it in
`vintage.last_shown`; no figure. Views in core and mart join when each figure, voucher and list was
seen last.
"""

from transforms.schemas.contents import (
    Measures,
    OrganizationPrinted,
    VoucherContent,
    VoucherStatus,
)
from transforms.schemas.parts import (
    FUND_CODE_OR_ALL,
    Basis,
    FiscalYear,
    OfCapture,
    OfOrganization,
    OfPage,
    OfParse,
    OfProgramme,
    OfVintage,
    SpanOfYears,
    YearIfAny,
)
from transforms.schemas.table import (
    Flag,
    Integer,
    TableModel,
    Text,
    Time,
    Usd,
    UsdOrPercent,
    column,
    table,
)


class About(TableModel):
    about: Text = column("Programme ID or fund code that the page is about")


class SeenUntil(TableModel):
    seen_until: Time = column(
        "Last capture that showed it, of pages that are not open; NULL if all are",
        unit="UTC",
        nullable=True,
    )
    pages: Integer = column("Open pages that show it, one bit each; 0 for none", ge=0)


class OpenPage(About):
    url: Text = column("URL of the page")
    content_digest: Text = column("Digest of all that it says")
    last_at: Time = column("Last capture that showed this", unit="UTC")
    page: Integer = column("The page's bit among the open pages of the same subject", ge=1)

    class Config(TableModel.Config):
        metadata = table(
            "one page that may be seen again without anything being derived anew: what it showed"
            " last, where no other page contradicts it",
            "about", "url",
        )  # fmt: skip


class Sighting(About, OfParse, OfCapture):
    subject: Text = column("What the page is about", isin=["programme", "fund"])
    page_kind: Text = column("What the page is")
    url: Text = column("URL of the page")
    captured_at: Time = column("When it was seen", unit="UTC")
    statement_month: Text = column(
        "Month of which the URL asks for a statement, as in raw.capture", nullable=True
    )
    http_status: Integer = column(
        "Status of the site's answer; NULL of captures from elsewhere", nullable=True
    )
    validator: Text = column("ETag, else Last-Modified, that came with it", nullable=True)
    is_cut: Flag = column("Whether the page breaks off before its end")
    segment_from: Time = column(
        "When the page began to show this, without another's status between; the capture's own time"
        " where every capture counts by itself",
        unit="UTC",
    )
    thinned: Flag = column("Whether captures between these are left out, which change nothing")

    class Config(TableModel.Config):
        metadata = table(
            "one capture from which a programme or fund is derived again when it is seen later",
            "capture_id",
            private=True,  # of the loads alone: no view reads it
        )  # fmt: skip


class PageBody(OfParse, OfPage):
    source: Text = column("Where the captures came from, as in raw.capture")
    state: Text = column("`loaded` or `quarantined`, as in raw.capture")
    first_at: Time = column("First capture of it", unit="UTC")
    last_at: Time = column("Last capture of it", unit="UTC")
    archived_at: Time = column(
        "First capture whose archive record has the bytes; NULL where another URL's has them",
        unit="UTC",
        nullable=True,
    )

    class Config(TableModel.Config):
        metadata = table(
            "one body that a URL has shown, and from when to when",
            "url",
            "parse_key",
            "source",
            private=True,  # of the loads alone: no view reads it
        )


class LastShown(About):
    pages: Integer = column("Some open pages of it, one bit each", ge=1)
    last_at: Time = column("Last capture of any of these pages", unit="UTC")

    class Config(TableModel.Config):
        metadata = table("when some open pages were seen last", "about", "pages")


class ListVintage(About, OfVintage, SeenUntil, OfCapture):
    kind: Text = column("What it is a list of", isin=["narrative", "document", "contact"])

    class Config(TableModel.Config):
        metadata = table(
            "one vintage of a list that a page shows: its narrative, its documents or its contacts",
            "about", "kind", "known_from",
        )  # fmt: skip


class FigureVintage(
    OfProgramme, OfOrganization, YearIfAny, Basis, OfVintage, Measures, OrganizationPrinted,
    SeenUntil, OfCapture,
):  # fmt: skip
    no_longer_shown_since: Time = column(
        "First capture whose table was read in full and lacked the row; NULL while it is shown",
        unit="UTC",
        nullable=True,
    )

    class Config(TableModel.Config):
        metadata = table(
            "one vintage of one organization's figures, of a year or since the start",
            "programme_id", "organization", "fiscal_year", "basis", "known_from",
        )  # fmt: skip


class Absence(OfProgramme, OfOrganization, YearIfAny):
    gone_at: Time = column(
        "First capture whose table was read in full and lacked the row", unit="UTC"
    )
    back_at: Time = column("When it was shown again; NULL if it was not", unit="UTC", nullable=True)

    class Config(TableModel.Config):
        metadata = table(
            "one time over which a row was not in the table that had shown it",
            "programme_id", "organization", "fiscal_year", "gone_at",
        )  # fmt: skip


class Restatement(OfProgramme, OfOrganization, YearIfAny, OfCapture):
    measure: Text = column("The measure that changed, by its column's name")
    old_value: UsdOrPercent = column("The year-end figure shown before", unit="US$ or percent")
    new_value: UsdOrPercent = column("The year-end figure shown then", unit="US$ or percent")
    restated_at: Time = column("First capture that showed the new figure", unit="UTC")
    old_known_from: Time = column(
        "First capture that showed the old figure as year-end", unit="UTC"
    )
    capture_id_before: Text = column("Last page before, which still showed the old figure")

    class Config(TableModel.Config):
        metadata = table(
            "one change of a year-end figure of a year, between two pages that show it",
            "programme_id", "organization", "fiscal_year", "measure", "restated_at",
        )  # fmt: skip


class SourceDifference(OfProgramme, OfOrganization, YearIfAny, OfCapture):
    measure: Text = column("The measure that differs, by its column's name")
    page_usd: Usd = column("What the newest page shows", unit="US$")
    api_usd: Usd = column("What the newest answer of the API shows", unit="US$")

    class Config(TableModel.Config):
        metadata = table(
            "one measure of which the newest page and the API's newest answer differ",
            "programme_id", "organization", "fiscal_year", "measure",
        )  # fmt: skip


class ContributionDifference(SpanOfYears, OfCapture):
    fund_code: Text = column("Fund; `(all)` on a list of all", str_matches=FUND_CODE_OR_ALL)
    contributor: Text = column("Contributor under its one name over time")
    measure: Text = column("The measure that differs, by its column's name")
    source: Text = column("The source that counts, as a page kind: seen last")
    usd: Usd = column("What it shows", unit="US$")
    other_source: Text = column("The source that differs from it, as a page kind")
    other_usd: Usd = column("What that showed last", unit="US$")

    class Config(TableModel.Config):
        metadata = table(
            "one measure of a contribution of which two sources differ",
            "fund_code", "contributor", "from_year", "to_year", "measure", "other_source",
        )  # fmt: skip


class LaterYear(OfProgramme, OfOrganization, FiscalYear, OfCapture):
    expenditure_usd: Usd = column("The expenditure as shown", unit="US$")

    class Config(TableModel.Config):
        metadata = table(
            "one expenditure that is set aside: its year is later than its capture",
            "programme_id", "organization", "fiscal_year", "capture_id",
        )  # fmt: skip


class VoucherLine(OfProgramme, VoucherContent, VoucherStatus, SeenUntil, OfCapture):
    line_no: Integer = column(
        "Tells equal voucher numbers apart by date, organization and amount, from 1", ge=1
    )
    first_seen: Time = column("First capture that showed it", unit="UTC")

    class Config(TableModel.Config):
        metadata = table("one payment voucher", "programme_id", "voucher_number", "line_no")


class Reconciliation(OfProgramme, OfOrganization, OfCapture):
    transfers_usd: Usd = column(
        "All transfers, of the figures to quote today; NULL if none is shown",
        unit="US$",
        nullable=True,
    )
    transfers_before_2009_usd: Usd = column(
        "The part of them before 2009; NULL where years are not known", unit="US$", nullable=True
    )
    vouchers: Integer = column(
        "Vouchers shown; NULL where none is shown of the whole programme",
        unit="vouchers",
        nullable=True,
        ge=0,
    )
    vouchers_usd: Usd = column("Their sum", unit="US$", nullable=True)
    tolerance_usd: Usd = column(
        "How far printed figures, each rounded by itself, may miss", unit="US$"
    )

    class Config(TableModel.Config):
        metadata = table(
            "an organization's vouchers beside its transfers",
            "programme_id", "organization",
        )  # fmt: skip


class PassedCheck(TableModel):
    about: Text = column("Programme ID or fund code that is checked; `(all)` for a list of all")
    check_name: Text = column("Name of the check, as in meta.check_result")
    passed: Integer = column("How many subjects it holds for", unit="checks", ge=1)

    class Config(TableModel.Config):
        metadata = table(
            "how often one check holds for one programme or fund, so that its count stays right"
            " when that is derived again",
            "about", "check_name",
            private=True,  # meta.check_summary has the sums
        )  # fmt: skip


VINTAGE_TABLES: dict[str, type[TableModel]] = {
    "vintage.open_page": OpenPage,
    "vintage.last_shown": LastShown,
    "vintage.sighting": Sighting,
    "vintage.page_body": PageBody,
    "vintage.list": ListVintage,
    "vintage.figure": FigureVintage,
    "vintage.absence": Absence,
    "vintage.restatement": Restatement,
    "vintage.source_difference": SourceDifference,
    "vintage.contribution_difference": ContributionDifference,
    "vintage.later_year": LaterYear,
    "vintage.voucher": VoucherLine,
    "vintage.reconciliation": Reconciliation,
    "vintage.passed_check": PassedCheck,
}

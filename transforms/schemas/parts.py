"""Columns that several tables share, said once: what tells rows apart, and their times.

None of these is a table by itself.
"""

from transforms.schemas.table import Flag, Integer, TableModel, Text, Time, column

PROGRAMME_ID = r"^[0-9]{8}$"
FUND_CODE = r"^[A-Z0-9]{5}$"
FUND_CODE_OR_ALL = r"^([A-Z0-9]{5}|\(all\))$"
CAPTURE_ID = r"^[0-9a-f]{32}$"
SHA256 = r"^[0-9a-f]{64}$"
FIRST_YEAR, LAST_YEAR = 1990, 2100
# Where on the pages a column comes from.
IDENTITY = "factsheet, identity block"
FIGURES = "factsheet, Key Figures"
CONTRIBUTORS = "tables of contributors on pages, the site's API"


class OfProgramme(TableModel):
    programme_id: Text = column(
        "Programme (project) ID: eight digits with leading zeros, always text",
        source=IDENTITY,
        str_matches=PROGRAMME_ID,
    )


class OfParse(TableModel):
    parse_key: Text = column(
        "Key of what was parsed: the SHA-256 of the page's bytes, which say this whenever they were"
        " seen; of an API's answer, a digest of them and of its query; of bytes known to be"
        " cut short, a digest of them and of the reason",
        str_matches=SHA256,
    )


class OfVintage(TableModel):
    known_from: Time = column("Capture time from which the page showed this", unit="UTC")


class OfCapture(TableModel):
    capture_id: Text = column(
        "The capture that first showed this: raw.capture has its URL and time",
        str_matches=CAPTURE_ID,
    )


class OfOrganization(TableModel):
    organization: Text = column(
        "Participating organization under its one name over time; `(all)` where none is named",
        source=FIGURES,
        str_length={"min_value": 1},
    )


class Shown(TableModel):
    last_seen: Time = column("Last capture that still showed this value", unit="UTC")
    no_longer_shown_since: Time = column(
        "First capture whose table of this kind was read in full and lacked the row; "
        "NULL while it is shown",
        unit="UTC",
        nullable=True,
    )


class Basis(TableModel):
    basis: Text = column(
        "`interim` or `year_end`: whether the figure was final when it was seen",
        source="derived from year, capture time and status",
        isin=["interim", "year_end"],
    )


class FiscalYear(TableModel):
    fiscal_year: Integer = column(
        "Calendar year of the figure", source=FIGURES, ge=FIRST_YEAR, le=LAST_YEAR
    )


class YearIfAny(TableModel):
    fiscal_year: Integer = column(
        "Calendar year of the figure; NULL for figures since the programme's start",
        source=FIGURES,
        nullable=True,
        ge=FIRST_YEAR,
        le=LAST_YEAR,
    )


class SpanOfYears(TableModel):
    from_year: Integer = column(
        "First year that it counts; 0 for the start", source=CONTRIBUTORS, ge=0
    )
    to_year: Integer = column("Last year that it counts; 0 for no end", source=CONTRIBUTORS, ge=0)


class Unchanged(TableModel):
    unchanged: Flag = column("Whether the archive held these very bytes already")


class OfPage(TableModel):
    url: Text = column("URL of the page; `file:` and a name for a saved page without one")
    page_kind: Text = column("What the page is, decided by its content")
    subject: Text = column(
        "What it is about: programme, fund or list; NULL if refused", nullable=True
    )
    programme_id: Text = column(
        "Programme that the page is about", nullable=True, str_matches=PROGRAMME_ID
    )
    fund_code: Text = column(
        "Fund that the page is about, or its URL names", nullable=True, str_matches=FUND_CODE
    )


class ReadInFull(TableModel):
    read_in_full: Flag = column("Whether a row that is not in it is not shown")

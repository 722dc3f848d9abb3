"""Page layouts as data: every programme has one layout in each of the site's eras.

A layout defines the tables of a factsheet, their headings and shapes, and the markup around them;
`replica.pages` draws it.
"""

from datetime import date
from typing import Literal, NamedTuple

from replica.books.dice import Dice
from replica.books.moments import DAY, midnight
from replica.books.shown import MEASURES, AnyMeasure, Grain, Measure

Shape = Literal[
    "rows",  # an organization and a year a row
    "groups",  # the organization heads the rows of its years, with a sub-total below
    "spanned_organization",  # the organization's cell spans the rows of its years
    "spanned_year",  # the year's cell spans the rows of its organizations
    "measures_over_years",  # two heading rows: a measure over the years
    "years_over_measures",  # two heading rows: a year over the measures
    "years_across",  # one measure, named above the table, and a column a year
]
SkinName = Literal["plain", "uppercase", "nested", "new"]
Charset = Literal["utf8", "utf8_declaring_latin1", "windows1252_undeclared"]
Spreadsheet = Literal["xls", "xlsx", "csv"]
Habit = Literal[  # of sending an ETag or a Last-Modified
    "strong", "weak", "last_modified", "both", "none", "unquoted", "restless", "wrong_date"
]

# The site's eras. From the last one on, addresses are of the new scheme.
NEW_SCHEME = date(2022, 7, 1)
ERAS = (date(2000, 1, 1), date(2010, 3, 1), date(2013, 10, 1), date(2018, 2, 1), NEW_SCHEME)

PLAIN: dict[AnyMeasure, str] = {
    "approved_budget": "Approved Budget",
    "net_funded": "Net Funded Amount",
    "transfers": "Transfers",
    "refunds": "Refunds",
    "expenditure": "Expenditure",
    "delivery_rate": "Delivery Rate",
}
_RENAMED: dict[AnyMeasure, str] = {
    "approved_budget": "Total Approved Budget",
    "net_funded": "Net Funded Amount*",
    "transfers": "Total Transfers (US$)",
    "refunds": "Refunded Amount",
    "expenditure": "Total Expenditure**",
    "delivery_rate": "Delivery Rate (%)",
}
_FUNDING: tuple[Measure, ...] = ("approved_budget", "transfers", "refunds", "net_funded")
_SPENDING: tuple[Measure, ...] = ("expenditure", "delivery_rate")


class TableLayout(NamedTuple):
    """One table of figures. In one of contributions, `organization` heads the contributors."""

    grain: Grain = "organization_year"
    shape: Shape = "rows"
    measures: tuple[AnyMeasure, ...] = MEASURES
    headings: dict[AnyMeasure, str] = PLAIN
    organization: str = "Participating Organization"
    year: str = "Year"
    year_first: bool = False
    year_prefix: str = ""
    total: Literal["bottom", "top", "none"] = "bottom"
    total_label: str = "Total"
    caption: str | None = None
    spacers: bool = False  # blank rows between rows, a blank column before the last


class Layout(NamedTuple):
    """The layout of a page. `eras` are the numbers of the eras in which it is used."""

    name: str
    eras: tuple[int, ...]
    tables: tuple[TableLayout, ...]
    skin: SkinName = "plain"
    names: Literal["acronym", "full"] = "acronym"
    thousands: str = ","
    absent: str = "-"
    parentheses: bool = False  # negative amounts
    percent: str = "%"
    clock: bool = True
    voucher_headings: tuple[str, str, str, str, str] = (
        "Voucher Number", "Date", "Participating Organization", "Amount", "Status",
    )  # fmt: skip
    voucher_total: bool = False


LAYOUTS: tuple[Layout, ...] = (
    Layout("plain_rows", (0, 1, 2), (TableLayout(),)),
    Layout(
        "uppercase_unclosed", (0, 1), (TableLayout(spacers=True, total_label="Grand Total"),),
        skin="uppercase", thousands="\u00a0", absent="",
    ),
    Layout(
        "cumulative_by_organization", (0, 1, 2), (TableLayout(grain="organization"),),
        names="full", absent="N/A",
    ),
    Layout(
        "by_organization_and_by_year", (0, 1, 2, 3),
        (TableLayout(grain="organization", caption="By participating organization"),
         TableLayout(grain="year", caption="By year", measures=("transfers", *_SPENDING))),
        voucher_total=True,
    ),
    Layout(
        "renamed_and_reordered", (1, 2),
        (TableLayout(
            measures=("delivery_rate", "expenditure", "net_funded", "refunds", "transfers",
                      "approved_budget"),
            headings=_RENAMED, organization="Participating UN Organization", year="Fiscal Year",
            year_first=True, year_prefix="FY ",
        ),),
        thousands=" ", absent="–", percent="",
        voucher_headings=("Voucher No.", "Payment Date", "Organization", "Amount (US$)",
                          "Voucher Status"),
    ),
    Layout(
        "organization_groups", (1, 2, 3),
        (TableLayout(shape="groups", total_label="Grand Total"),),
        names="full", parentheses=True,
    ),
    Layout(
        "measures_over_years", (1, 2, 3),
        (TableLayout(shape="measures_over_years", measures=("net_funded", "expenditure")),),
        absent="",
    ),
    Layout(
        "nested_layout", (1, 2),
        (TableLayout(shape="spanned_organization", organization="Organization"),),
        skin="nested", thousands="\u00a0",
    ),
    Layout(
        "two_tables_complementing", (2, 3),
        (TableLayout(measures=_FUNDING, caption="Funding"),
         TableLayout(measures=_SPENDING, caption="Expenditure", headings=_RENAMED)),
        parentheses=True, absent="-",
    ),
    Layout(
        "years_over_measures", (3,),
        (TableLayout(shape="years_over_measures", measures=("transfers", "expenditure")),),
        names="full", absent="–", voucher_total=True,
    ),
    Layout(
        "years_across", (2, 3),
        (TableLayout(shape="years_across", measures=("expenditure",)),
         TableLayout(grain="organization", headings=_RENAMED)),
        absent="",
    ),
    Layout(
        "fine_and_sums", (2, 3),
        (TableLayout(), TableLayout(grain="organization", caption="By participating organization"),
         TableLayout(grain="year", caption="By year")),
    ),
    Layout(
        "captioned_with_spacers", (3,),
        (TableLayout(caption="Key figures by organization and year", spacers=True, total="top"),),
        names="full", thousands=" ", absent="N/A", skin="nested",
    ),
    Layout(
        "new_plain", (4,), (TableLayout(organization="Participating organization"),),
        skin="new", clock=False,
    ),
    Layout(
        "new_spanned_years", (4,),
        (TableLayout(shape="spanned_year", year_first=True, total="none",
                     organization="Participating organization"),),
        skin="new", clock=False, absent="–", names="full",
    ),
    Layout(
        "new_groups", (4,),
        (TableLayout(shape="groups", organization="Organization", measures=_FUNDING + _SPENDING),),
        skin="new", absent="", parentheses=True,
    ),
)  # fmt: skip

# The table behind `View as Excel` and on the print view, whatever the factsheet shows.
EXCEL_TABLE = TableLayout(total="bottom")
BY_YEAR = TableLayout(grain="year")
BY_ORGANIZATION = TableLayout(grain="organization")


class Typesetting(NamedTuple):
    """A programme's layouts by era, with the moment at which each begins, and its file formats."""

    begins: tuple[int, ...]
    layouts: tuple[Layout, ...]
    charset: Charset
    spreadsheet: Spreadsheet
    validator: Habit
    stray_script: bool

    def at(self, now: int) -> Layout:
        """Return the layout in use at a moment."""
        era = sum(begin <= now for begin in self.begins) - 1
        return self.layouts[max(era, 0)]


def typesetting(seed: int, number: int) -> Typesetting:
    """Return one programme's typesetting; not every page changes on an era's first day."""
    dice = Dice(seed, "layout", number)
    begins = [midnight(day) for day in ERAS]
    for era in range(1, len(ERAS) - 1):
        begins[era] += dice.whole(0, 60) * DAY
    return Typesetting(
        begins=tuple(begins),
        layouts=tuple(
            dice.pick([layout for layout in LAYOUTS if era in layout.eras])
            for era in range(len(ERAS))
        ),
        charset=dice.pick(
            ("utf8", "utf8", "utf8_declaring_latin1", "windows1252_undeclared")
        ),
        spreadsheet=dice.pick(("xls", "xls", "xls", "xlsx", "csv")),
        validator=dice.pick(
            ("strong", "strong", "weak", "weak", "weak", "last_modified", "both", "both", "none",
             "unquoted", "restless", "wrong_date")
        ),
        stray_script=dice.chance(0.3),
    )  # fmt: skip

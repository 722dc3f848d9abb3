"""Layouts of the contributors' tables: every fund has one layout in each of the site's eras."""

from typing import NamedTuple

from replica.books.dice import Dice
from replica.books.layouts import ERAS, Layout, Spreadsheet, TableLayout
from replica.books.moments import DAY, midnight
from replica.books.portfolio import FundOutline
from replica.books.programme_books import Spell
from replica.books.shown import CONTRIBUTION_MEASURES, AnyMeasure

_PLAIN: dict[AnyMeasure, str] = {
    "commitments": "Commitments (US$)", "deposits": "Deposits (US$)",
    "deposit_rate": "Deposit Rate",
}  # fmt: skip
_TOTALS: dict[AnyMeasure, str] = {
    "commitments": "Total Commitments", "deposits": "Total Deposits",
    "deposit_rate": "Deposit Rate (%)",
}  # fmt: skip
_BOTH: tuple[AnyMeasure, ...] = ("commitments", "deposits")
_SINCE_THE_START = TableLayout(
    grain="organization", measures=_BOTH, headings=_PLAIN, organization="Contributor"
)
_BY_YEAR = _SINCE_THE_START._replace(grain="organization_year")
_CONTRIBUTIONS = _SINCE_THE_START._replace(
    measures=("deposits",), headings={"deposits": "Contributions (US$)"}, organization="Donor",
    total_label="Grand Total",
)  # fmt: skip


class ContributorsLayout(NamedTuple):
    """The contributors' part of a fund's page; without a heading there is none."""

    heading: str
    layout: Layout

    @property
    def view(self) -> TableLayout:
        """Return the table behind `View as Excel`: by year, if any of the page's tables is."""
        first, *_ = tables = self.layout.tables
        by_year = next((table for table in tables if table.grain == "organization_year"), None)
        if by_year is None:
            alone = first.measures == ("deposits",)
            return first._replace(spacers=False) if alone else _SINCE_THE_START
        return _BY_YEAR._replace(organization=by_year.organization)


CONTRIBUTOR_LAYOUTS: tuple[ContributorsLayout, ...] = (
    ContributorsLayout("", Layout("no_contributors", (0,), ())),
    ContributorsLayout(
        "Contributors", Layout("contributors_plain", (0, 1, 2), (_SINCE_THE_START,))
    ),
    ContributorsLayout(
        "Donors",
        Layout(
            "contributions_alone", (0, 1), (_CONTRIBUTIONS._replace(spacers=True),),
            skin="uppercase", thousands="\u00a0", absent="",
        ),
    ),
    ContributorsLayout(
        "Contributors", Layout("contributors_by_year", (0, 1, 2, 3), (_BY_YEAR,), absent="N/A")
    ),
    ContributorsLayout(
        "Contributors/Partners",
        Layout(
            "contributors_spanned", (1, 2),
            (_BY_YEAR._replace(shape="spanned_organization", headings=_TOTALS,
                               organization="Contributor/Partner"),),
            skin="nested", thousands="\u00a0",
        ),
    ),
    ContributorsLayout(
        "Contributors",
        Layout(
            "contributors_and_years", (1, 2, 3),
            (_SINCE_THE_START._replace(caption="Since the start", measures=CONTRIBUTION_MEASURES),
             _BY_YEAR._replace(caption="By year", total_label="Grand Total")),
        ),
    ),
    ContributorsLayout(
        "Contributions",
        Layout(
            "contributors_renamed", (2, 3),
            (_BY_YEAR._replace(
                measures=("deposits", "commitments", "deposit_rate"), headings=_TOTALS,
                organization="Contributors/Partners", year="Fiscal Year", year_first=True,
                year_prefix="FY ",
            ),),
            thousands=" ", absent="–", percent="",
        ),
    ),
    ContributorsLayout(
        "Contributors",
        Layout(
            "deposits_across", (2, 3),
            (_BY_YEAR._replace(shape="years_across", measures=("deposits",)), _SINCE_THE_START),
            absent="",
        ),
    ),
    ContributorsLayout(
        "Contributors/Partners",
        Layout(
            "contributors_over_years", (3,), (_BY_YEAR._replace(shape="measures_over_years"),),
            absent="",
        ),
    ),
    ContributorsLayout(
        "Contributors",
        Layout(
            "contributors_new", (4,),
            (_SINCE_THE_START._replace(measures=CONTRIBUTION_MEASURES, total="top"),), skin="new",
        ),
    ),
    ContributorsLayout(
        "Contributors/Partners",
        Layout(
            "contributors_new_years", (4,),
            (_BY_YEAR._replace(shape="spanned_year", year_first=True, total="none"),),
            skin="new", absent="–",
        ),
    ),
)  # fmt: skip


class ContributorsSetting(NamedTuple):
    """A fund's contributors' layouts by era, its file format, and a spell without the tables."""

    begins: tuple[int, ...]
    layouts: tuple[ContributorsLayout, ...]
    spreadsheet: Spreadsheet
    without_tables: Spell

    def at(self, now: int) -> ContributorsLayout:
        """Return the layout in use at a moment."""
        era = sum(begin <= now for begin in self.begins) - 1
        return self.layouts[max(era, 0)]


def contributors_setting(seed: int, fund: FundOutline, opened: int) -> ContributorsSetting:
    """Return a fund's setting; not every page changes on an era's first day."""
    dice = Dice(seed, "contributors layout", fund.code)
    begins = [midnight(day) for day in ERAS]
    for era in range(1, len(ERAS) - 1):
        begins[era] += dice.whole(0, 60) * DAY
    begin = opened + dice.whole(200, 3_500) * DAY
    lasts = dice.whole(40, 400) * DAY if dice.chance(0.4) else 0
    return ContributorsSetting(
        begins=tuple(begins),
        layouts=tuple(
            dice.pick([one for one in CONTRIBUTOR_LAYOUTS if era in one.layout.eras])
            for era in range(len(ERAS))
        ),
        spreadsheet=dice.pick(("xls", "xls", "xlsx", "csv")),
        without_tables=Spell(begin, begin + lasts),
    )

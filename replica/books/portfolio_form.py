"""The form of the portfolio of contributors: the same for all its pages, and one in each era."""

from typing import NamedTuple

from replica.books.dice import Dice
from replica.books.layouts import ERAS, Spreadsheet, TableLayout
from replica.books.moments import midnight

_FORMS: tuple[Spreadsheet, ...] = ("xls", "xlsx", "csv")
_DEPOSITS_ALONE = 1  # the last era in which the portfolio has no commitments


class PortfolioForm(NamedTuple):
    """The form that the portfolio of contributors has in one era."""

    table: TableLayout
    spreadsheet: Spreadsheet


def portfolio_form(seed: int, now: int) -> PortfolioForm:
    """Return the form of the portfolio at a moment: deposits alone up to 2013, or both measures."""
    era = sum(midnight(day) <= now for day in ERAS) - 1
    dice = Dice(seed, "portfolio of contributors", era)
    name = dice.pick(("Contributor", "Contributor/Partner"))
    form: Spreadsheet = dice.pick(_FORMS)
    alone = TableLayout(
        grain="organization", measures=("deposits",), total="none", organization="Contributor",
        headings={"deposits": "Contributions (US$)"},
    )  # fmt: skip
    if era <= _DEPOSITS_ALONE:
        return PortfolioForm(alone, form)
    both = alone._replace(
        measures=("commitments", "deposits"), organization=name,
        headings={"commitments": "Commitments (US$)", "deposits": "Deposits (US$)"},
    )  # fmt: skip
    return PortfolioForm(both, form)

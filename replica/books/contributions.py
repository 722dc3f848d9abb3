"""Contributions to funds: what each contributor committed and deposited by year, through time.

Deposits are those of the funds' statements: those of all years and contributors together equal the
line `Contributions from Donors` of a statement drawn at the same moment. A commitment is made some
weeks before its first deposit, and is corrected for some.
"""

from collections.abc import Iterator
from typing import NamedTuple

from replica.books.dice import Dice
from replica.books.moments import DAY, History, day_of
from replica.books.portfolio import FundOutline
from replica.books.records import Records


class Contribution(NamedTuple):
    """One contributor's money for one fund and year, in cents; shown from its commitment on."""

    fund: FundOutline
    contributor: str
    fiscal_year: int
    commitments: History[int]
    deposits: History[int]

    @property
    def changes(self) -> list[int]:
        """Return the moments from which it may differ."""
        return sorted({*self.commitments.moments, *self.deposits.moments})


def contributions_to(records: Records, fund: FundOutline) -> list[Contribution]:
    """Return a fund's contributions by year and contributor; none for a fund without programmes."""
    opened = records.portfolio.opened(fund)
    if opened is None:
        return []
    paid: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for deposit in records.deposits(fund):
        key = (day_of(deposit.moment).year, deposit.donor)
        paid.setdefault(key, []).append((deposit.moment, deposit.cents))
    return [
        _contribution(records.seed, fund, year, donor, paid[year, donor], opened)
        for year, donor in sorted(paid)
    ]


def all_contributions(records: Records) -> Iterator[Contribution]:
    """Yield the contributions to all funds."""
    for fund in records.portfolio.funds:
        yield from contributions_to(records, fund)


def _contribution(
    seed: int, fund: FundOutline, year: int, donor: str, paid: list[tuple[int, int]], opened: int
) -> Contribution:
    dice = Dice(seed, "contribution", fund.code, year, donor)
    deposits: History[int] = History([], [])
    so_far = 0
    for moment, cents in paid:
        so_far += cents
        deposits.report(moment, so_far)
    signed = max(opened, paid[0][0] - dice.whole(10, 100) * DAY)
    commitments = History([signed], [so_far])
    if dice.chance(0.5):  # the first commitment was lower or higher, in round dollars
        first = int(so_far * (0.6 + 0.7 * dice.roll())) // 1_000_00 * 1_000_00
        commitments = History([signed], [max(first, 1_000_00)])
        commitments.report(max(signed + DAY, paid[-1][0] + dice.whole(-5, 300) * DAY), so_far)
    return Contribution(fund, donor, year, commitments, deposits)

"""Contributions to funds: what each contributor committed and deposited by year, through time.

Deposits are those of the funds' statements: those of all years and contributors together equal the
line `Contributions from Donors` of a statement drawn at the same moment. A commitment is made some
weeks before its first deposit, and is corrected for some. Some are pledged long before that, given
up, and made again. Deposits are booked anew too, in another row of their fund: a part for good, or
all of a row, which is not shown until they are booked back.
"""

from collections.abc import Iterable
from typing import NamedTuple

from replica.books.dice import Dice
from replica.books.moments import DAY, History, day_of
from replica.books.portfolio import FundOutline, Portfolio
from replica.books.windows import Deposit

Money = History[int | None]  # cents; None while it is not shown
_ROUND = 1_000_00  # cents
_FOR_GOOD = 2**40
_LONG_AGO = 120  # days between a pledge and the commitment, so that it can be given up in between


class Contribution(NamedTuple):
    """One contributor's money for one fund and year, shown while there is a commitment."""

    fund: FundOutline
    contributor: str
    fiscal_year: int
    commitments: Money
    deposits: Money

    @property
    def changes(self) -> list[int]:
        """Return the moments from which it may differ."""
        return sorted({*self.commitments.moments, *self.deposits.moments})


class _Rebooking(NamedTuple):
    """Money that is booked in another row from one moment to before another."""

    since: int
    until: int
    deposits: int
    commitments: int


def contributions_to(
    portfolio: Portfolio, fund: FundOutline, deposits: Iterable[Deposit]
) -> list[Contribution]:
    """Return a fund's contributions by year and contributor; none for a fund without programmes."""
    opened = portfolio.opened(fund)
    if opened is None:
        return []
    paid: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for deposit in deposits:
        key = (day_of(deposit.moment).year, deposit.donor)
        paid.setdefault(key, []).append((deposit.moment, deposit.cents))
    booked = [
        _contribution(portfolio.seed, fund, year, donor, paid[year, donor], opened)
        for year, donor in sorted(paid)
    ]
    rebooked = _rebooked(Dice(portfolio.seed, "rebooked", fund.code), booked)
    return sorted(rebooked, key=lambda one: (one.fiscal_year, one.contributor))


def _contribution(
    seed: int, fund: FundOutline, year: int, donor: str, paid: list[tuple[int, int]], opened: int
) -> Contribution:
    dice = Dice(seed, "contribution", fund.code, year, donor)
    deposits: Money = History([], [])
    so_far = 0
    for moment, cents in paid:
        so_far += cents
        deposits.report(moment, so_far)
    signed = max(opened, paid[0][0] - dice.whole(10, 100) * DAY)
    commitments: Money = History([signed], [so_far])
    if dice.chance(0.5):  # the first commitment was lower or higher, in round dollars
        first = int(so_far * (0.6 + 0.7 * dice.roll())) // _ROUND * _ROUND
        commitments = History([signed], [max(first, _ROUND)])
        commitments.report(max(signed + DAY, paid[-1][0] + dice.whole(-5, 300) * DAY), so_far)
    pledged = _pledged(Dice(seed, "pledge", fund.code, year, donor), commitments, opened)
    return Contribution(fund, donor, year, pledged, deposits)


def _pledged(dice: Dice, commitments: Money, opened: int) -> Money:
    """Return the commitments with a pledge before them that was given up, for some."""
    signed, first = commitments.moments[0], commitments.values[0]
    pledged = max(opened, signed - dice.whole(150, 500) * DAY)
    if dice.chance(0.6) or signed - pledged < _LONG_AGO * DAY or first is None:
        return commitments
    given_up = pledged + (signed - pledged) // dice.whole(2, 3)
    cents = max(_ROUND, int(first * (0.4 + 0.5 * dice.roll())) // _ROUND * _ROUND)
    return History([pledged, given_up, *commitments.moments], [cents, None, *commitments.values])


def _rebooked(dice: Dice, rows: list[Contribution]) -> list[Contribution]:
    """Return a fund's rows with some of its deposits booked anew; their sum never changes."""
    by_key = {(row.fiscal_year, row.contributor): row for row in rows}
    chosen = dice.some(rows, 4)
    if len(chosen) == 1:  # the only row of its fund: its year was wrong
        year = chosen[0].fiscal_year - 1
        chosen.append(Contribution(chosen[0].fund, chosen[0].contributor, year,
                                   History([], []), History([], [])))  # fmt: skip
    for number, (giving, taking) in enumerate(zip(chosen[::2], chosen[1::2], strict=False)):
        since = max(giving.changes[-1], *taking.changes, 0) + dice.whole(30, 500) * DAY
        is_whole = number > 0
        until = since + dice.whole(60, 500) * DAY if is_whole else _FOR_GOOD
        deposits, commitments = giving.deposits.values[-1], giving.commitments.values[-1]
        if deposits is None or commitments is None:
            continue
        part = deposits if is_whole else int(deposits * (0.1 + 0.5 * dice.roll()))
        moved = _Rebooking(since, until, part, commitments if is_whole else part)
        for row in (_less(giving, moved, is_whole=is_whole), _more(taking, moved)):
            by_key[row.fiscal_year, row.contributor] = row
    return list(by_key.values())


def _less(row: Contribution, moved: _Rebooking, *, is_whole: bool) -> Contribution:
    """Return a row without what was booked elsewhere; what had been committed stays, or nothing."""
    commitments, deposits = row.commitments, row.deposits
    if is_whole:
        commitments = _with(commitments, moved, None)
    return row._replace(commitments=commitments, deposits=_with(deposits, moved, -moved.deposits))


def _more(row: Contribution, moved: _Rebooking) -> Contribution:
    return row._replace(
        commitments=_with(row.commitments, moved, moved.commitments),
        deposits=_with(row.deposits, moved, moved.deposits),
    )


def _with(money: Money, moved: _Rebooking, cents: int | None) -> Money:
    """Return money that has changed by so many cents while something was booked elsewhere.

    Nothing else changes during that time. None means that it was not shown.
    """
    before = money.values[-1] if money.values else None
    during = None if cents is None else (before or 0) + cents
    changed: Money = History([*money.moments, moved.since], [*money.values, during])
    if moved.until < _FOR_GOOD:
        changed.report(moved.until, before)
    return changed

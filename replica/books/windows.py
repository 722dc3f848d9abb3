"""A fund that contributes to other funds, and the gifts that it makes to them.

In every world of several funds the largest one does so. What it gives is part of a deposit that
somebody else would have made alone, so that the receiving fund's statement stays the same; the
giving fund's has it as Transfers to MDTFs.
"""

from collections.abc import Iterable
from typing import NamedTuple

from replica.books.dice import Dice
from replica.books.moments import DAY
from replica.books.portfolio import FundOutline, Outline, Portfolio

_RECIPIENTS, _GIFTS_EACH = 3, 2
_ROUND = 1_000_00  # cents
_PART_OF_DEPOSITS = 200  # a gift is at most one part of so many of what the fund has been given


class Deposit(NamedTuple):
    """A donor's payment into a fund, in cents."""

    moment: int
    donor: str
    cents: int


class Gifts(NamedTuple):
    """The fund that contributes to others, and its gifts by the number of the programme."""

    giver: FundOutline
    by_programme: dict[int, Deposit]

    def by(self, now: int) -> int:
        """Return the cents given by a moment."""
        return sum(gift.cents for gift in self.by_programme.values() if gift.moment <= now)


def deposit_for(portfolio: Portfolio, outline: Outline) -> Deposit:
    """Return the deposit for a programme, paid some weeks before its approval."""
    dice = Dice(portfolio.seed, "deposit", outline.number)
    paid = outline.approved - dice.whole(20, 110) * DAY
    donor = dice.pick(portfolio.words.donors)
    return Deposit(paid, donor, int(outline.budget * (1.06 + 0.1 * dice.roll())))


def gifts_of(portfolio: Portfolio) -> Gifts | None:
    """Return the gifts of the fund that contributes to others; None if there is one fund only."""
    names = [fund.name for fund in portfolio.funds]
    budgets = {
        number: sum(outline.budget for outline in outlines)
        for number, outlines in portfolio.in_fund.items()
        if names.count(portfolio.funds[number].name) == 1
    }
    if not budgets or len(portfolio.in_fund) == 1:
        return None
    giver = portfolio.funds[max(budgets, key=lambda number: (budgets[number], number))]
    own = [deposit_for(portfolio, outline) for outline in portfolio.in_fund[giver.number]]
    others = sorted(number for number in portfolio.in_fund if number != giver.number)
    gifts: dict[int, Deposit] = {}
    for number in Dice(portfolio.seed, "recipients").some(others, _RECIPIENTS):
        gifts.update(_gifts_to(portfolio, portfolio.in_fund[number], giver, own))
    return Gifts(giver, gifts)


def deposits_into(portfolio: Portfolio, fund: FundOutline, gifts: Gifts | None) -> list[Deposit]:
    """Return the deposits into a fund: one for each programme, or two if a fund gave a part."""
    deposits = []
    for outline in portfolio.in_fund.get(fund.number, []):
        deposit = deposit_for(portfolio, outline)
        gift = gifts.by_programme.get(outline.number) if gifts else None
        if gift is not None:
            deposits.append(gift)
            deposit = deposit._replace(cents=deposit.cents - gift.cents)
        deposits.append(deposit)
    return sorted(deposits)


def _gifts_to(
    portfolio: Portfolio, outlines: Iterable[Outline], giver: FundOutline, own: list[Deposit]
) -> dict[int, Deposit]:
    """Return the gifts for the first programmes for which the giver can spare something."""
    gifts: dict[int, Deposit] = {}
    for outline in sorted(outlines, key=lambda one: one.approved):
        deposit = deposit_for(portfolio, outline)
        had = sum(one.cents for one in own if one.moment <= deposit.moment)
        cents = min(deposit.cents // 2, had // _PART_OF_DEPOSITS) // _ROUND * _ROUND
        if cents and len(gifts) < _GIFTS_EACH:
            gifts[outline.number] = Deposit(deposit.moment, giver.name, cents)
    return gifts

"""A fund's money: the sums of its programmes' books, and the Funding Status derived from them."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from replica.books.dice import Dice, share
from replica.books.moments import History, day_of, midnight
from replica.books.portfolio import FundOutline, Outline, Portfolio
from replica.books.programme import rounded
from replica.books.programme_books import OPEN_END, Books
from replica.books.shown import Fund, Role, StatementBlock, StatementLine
from replica.books.windows import Deposit, Gifts

_LATE_BLOCKS = 0.2  # of the funds


class Running(NamedTuple):
    """A running sum: moments, and the sum in cents from each of them on."""

    moments: "array[int]"
    sums: "array[int]"

    def at(self, now: int) -> int:
        """Return the sum at a moment."""
        found = bisect_right(self.moments, now)
        return self.sums[found - 1] if found else 0


class Ledger(NamedTuple):
    """One programme's part of its fund's statement."""

    transfers: Running
    refunds: Running
    expenditure: Running


def ledger_of(books: Books) -> Ledger:
    """Sum one programme's books through time."""
    changes: tuple[list[tuple[int, int]], ...] = ([], [], [])
    for cell in books.cells:
        for into, history in zip(
            changes, (cell.transfers, cell.refunds, cell.expenditure), strict=True
        ):
            before = 0
            for moment, value in zip(history.moments, history.values, strict=True):
                into.append((moment, value - before))
                before = value
            if history.moments and cell.withdrawn < OPEN_END:
                into.append((cell.withdrawn, -before))
    return Ledger(*map(_running, changes))


def _running(changes: list[tuple[int, int]]) -> Running:
    changes.sort()
    moments = array("q", (moment for moment, _ in changes))
    return Running(moments, array("q", accumulate(change for _, change in changes)))


def deposited(deposits: Iterable[Deposit], now: int) -> int:
    """Return the whole dollars that donors have paid in by a moment."""
    return rounded(sum(one.cents for one in deposits if one.moment <= now), 100)


class FundBooks(NamedTuple):
    """The source of a fund's pages. `ledgers` and `titles` are parallel to `outlines`.

    `gifts` are those that the fund makes to other funds; None if it is not the one that does.
    """

    fund: FundOutline
    opened: int
    outlines: list[Outline]
    ledgers: list[Ledger]
    titles: list[History[str]]
    deposits: list[Deposit]
    gifts: Gifts | None


def drawn_at(opened: int, now: int) -> int:
    """Return when the statement that a fund's page shows was drawn: on the first of the month."""
    return max(midnight(day_of(now).replace(day=1)), opened)


def fund_at(portfolio: Portfolio, books: FundBooks, now: int) -> Fund:
    """Return a fund's factsheet. Its statement is drawn on the first of each month.

    For some funds the second block is drawn a month before the first, so that the two differ.
    """
    fund = books.fund
    drawn = drawn_at(books.opened, now)
    late = share(portfolio.seed, "late block", fund.code) < _LATE_BLOCKS
    before = midnight((day_of(drawn) - timedelta(days=1)).replace(day=1)) if late else drawn
    first, balance = _agent_block(portfolio.seed, books, drawn)
    shown = [
        (outline, title)
        for outline, titles in zip(books.outlines, books.titles, strict=True)
        if (title := titles.at(now)) is not None
    ]
    return Fund(
        code=fund.code,
        name=fund.name,
        fund_type=fund.fund_type,
        start_date=day_of(books.opened),
        end_date=closed_on(books.outlines, now),
        overview=overview_of(portfolio, fund),
        statement=(first, _organizations_block(books, before, balance, drawn)),
        programmes=tuple((outline.programme_id, title) for outline, title in shown),
    )  # fmt: skip


def closed_on(outlines: Iterable[Outline], now: int) -> date | None:
    """Return the day on which a fund with these programmes closed; None if not by that moment."""
    ends = [outline.end for outline in outlines if outline.approved <= now]
    closed = max(ends) + timedelta(days=700) if ends else None
    return closed if closed and closed < day_of(now) else None


def overview_of(portfolio: Portfolio, fund: FundOutline) -> str:
    """Return the paragraph about a fund."""
    return portfolio.words.languages["en"].overview[fund.number % 8].format(
        country=fund.country.name if fund.country else "the region",
        topic=fund.theme.lower(), place="the capital", number=fund.number + 3,
    )  # fmt: skip


def _sums(books: FundBooks, drawn: int) -> tuple[int, int, int]:
    """Return transfers, refunds and expenditure of all programmes, in whole dollars."""
    return (
        rounded(sum(one.transfers.at(drawn) for one in books.ledgers), 100),
        rounded(sum(one.refunds.at(drawn) for one in books.ledgers), 100),
        max(0, rounded(sum(one.expenditure.at(drawn) for one in books.ledgers), 100)),
    )


def _agent_block(seed: int, books: FundBooks, drawn: int) -> tuple[StatementBlock, int]:
    """Return the first block, and the balance it ends with."""
    dice = Dice(seed, "statement", books.fund.code)
    transfers, refunds, _ = _sums(books, drawn)
    deposits = deposited(books.deposits, drawn)
    interest, interest_organizations = deposits * dice.whole(2, 30) // 1000, refunds // 40
    other = deposits // 900 if dice.chance(0.1) else 0
    onward = transfers // 50 if dice.chance(0.15) else 0
    if books.gifts is not None:
        onward = rounded(books.gifts.by(drawn), 100)
    fee, charges = deposits // 100, deposits // 25_000
    direct = deposits // 80 if dice.chance(0.4) else 0
    source = deposits + interest + interest_organizations + other
    use = transfers + onward - refunds + fee + direct + charges
    balance = source - use
    lines: list[tuple[str, Role, int]] = [
        ("Contributions from Donors", "adds", deposits),
        ("Interest and Investment Income (from Fund)", "adds", interest),
        ("Interest (from Participating Organizations)", "adds", interest_organizations),
        ("Other Income", "adds", other),
        ("Total source of funds", "total", source),
        ("Transferred to Participating Organizations", "adds", transfers),
        ("Transfers to MDTFs", "adds", onward),
        ("Sub-total Transfers", "total", transfers + onward),
        ("Refunds from Participating Organizations", "subtracts", refunds),
        ("Administrative Agent Fee", "adds", fee),
        ("Direct Cost", "adds", direct),
        ("Bank Charges", "adds", charges),
        ("Total use of funds", "total", use),
        ("Balance with Administrative Agent", "balance", balance),
    ]
    if deposits:
        lines.append(
            ("As a percentage of deposits", "percentage", rounded(balance * 1000, deposits))
        )
    return _block("Funds with Administrative Agent", lines), balance


def _organizations_block(
    books: FundBooks, drawn: int, agent_balance: int, agent_drawn: int
) -> StatementBlock:
    transfers, refunds, spent = _sums(books, drawn)
    deposits = deposited(books.deposits, agent_drawn)
    balance = transfers - spent - refunds
    lines: list[tuple[str, Role, int]] = [
        ("Transfers to Participation Organizations", "adds", transfers),
        ("Total resources", "total", transfers),
        ("Participating Organizations' Expenditure", "adds", spent),
        ("Refunds from Participating Organizations", "adds", refunds),
        ("Total expenses", "total", spent + refunds),
        ("Balance with Participating Organizations", "balance", balance),
    ]
    if transfers:
        lines.append(
            ("As a percentage of transfers", "percentage", rounded(balance * 1000, transfers))
        )
    lines.append(("Total Balance of Funds", "balance", agent_balance + balance))
    if deposits:
        whole = rounded((agent_balance + balance) * 1000, deposits)
        lines.append(("As a percentage of deposits", "percentage", whole))
    return _block("Funds with Participating Organizations", lines)


def _block(heading: str, lines: list[tuple[str, Role, int]]) -> StatementBlock:
    """Return a block without empty lines; totals and balances always stay."""
    kept = (line for line in lines if line[2] or line[1] in {"total", "balance"})
    return StatementBlock(heading, tuple(StatementLine(*line) for line in kept))

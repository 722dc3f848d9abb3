"""A programme's books: everything that happens to it, and when the site shows it.

Nothing here depends on the time of a visit. Amounts are in cents. A year's expenditure is reported
in interim figures, becomes final some time around 30 April of the following year (most before it,
some late, some never), and for some is restated years later.
"""

from datetime import date, timedelta
from typing import NamedTuple

from replica.books.dice import Dice
from replica.books.moments import (
    DAY,
    NEW_YEAR,
    History,
    date_of,
    day_number,
    in_working_hours,
    midnight,
)
from replica.books.portfolio import Outline
from replica.books.shown import Contact, Document, Passage
from replica.books.texts import description_of, documents_of, passages_of, people_of, titles_of
from replica.books.words import Words

FIRST_VOUCHER = date(2009, 1, 1)  # older payments are in the figures, and not among the vouchers
_NEVER, _IN_TIME = 0.05, 0.78  # of the final reports; the others are late
# At most: vouchers have numbers of their own.
_PAYMENTS_A_YEAR, _YEARS, _VOUCHERS_EACH = 3, 12, 1000
_TWO_LINES = 0.05  # of the vouchers
_DEADLINE = 119  # days from New Year to 30 April, or to 29 April in a leap year
OPEN_END = 2**40


class Payment(NamedTuple):
    """A payment to an organization; payments before 2009 have no voucher on the site."""

    moment: int
    number: str
    day: date
    organization: int
    cents: int


class Cell(NamedTuple):
    """One organization's figures for one year; `withdrawn` is when its row went from the table."""

    organization: int
    fiscal_year: int
    budget: History[int]
    transfers: History[int]
    refunds: History[int]
    expenditure: History[int]
    withdrawn: int


class Spell(NamedTuple):
    """A time from `begin` up to, not including, `end`."""

    begin: int
    end: int

    def holds(self, now: int) -> bool:
        """Return whether a moment is within the spell."""
        return self.begin <= now < self.end


class Books(NamedTuple):
    """A programme through time. `changes` are all the moments at which its pages change."""

    outline: Outline
    titles: History[str]
    description: str
    theme: str | None
    end_dates: History[date]
    statuses: History[str]
    cells: tuple[Cell, ...]
    payments: tuple[Payment, ...]
    passages: tuple[tuple[int, Passage], ...]
    documents: tuple[tuple[int, Document], ...]
    managers: History[tuple[Contact, ...]]
    persons: History[tuple[Contact, ...]]
    without_tables: Spell
    zero_refunds: bool
    changes: tuple[int, ...]


def open_books(outline: Outline, seed: int, words: Words) -> Books:
    """Return a programme's books; the same outline and seed give the same books."""
    dice = Dice(seed, "books", outline.number)
    ended, end_dates = _end_dates(outline, dice)
    cells, payments = _figures(outline, ended, dice)
    statuses = _statuses(outline, ended, dice)
    blank = outline.approved + dice.whole(60, 2500) * DAY if dice.chance(0.06) else OPEN_END
    words_dice = Dice(seed, "texts", outline.number)
    titles = titles_of(outline, words, words_dice)
    managers, persons = people_of(outline, ended, words, words_dice)
    passages = tuple(passages_of(outline, ended, words, words_dice))
    documents = tuple(documents_of(outline, ended, words, words_dice))
    without_tables = Spell(blank, blank + dice.whole(1, 90) * DAY)
    renamed = [words.organizations[at].renamed_on for at in outline.organizations]
    changes = {outline.approved, *without_tables, *(midnight(day) for day in renamed if day)}
    changes.update(titles.moments, end_dates.moments, statuses.moments)
    changes.update(managers.moments, persons.moments)
    changes.update(moment for moment, _ in passages)
    changes.update(moment for moment, _ in documents)
    changes.update(payment.moment for payment in payments)
    for cell in cells:
        for history in (cell.budget, cell.transfers, cell.refunds, cell.expenditure):
            changes.update(history.moments)
        changes.add(cell.withdrawn)
    return Books(
        outline=outline,
        titles=titles,
        description=description_of(outline, words, words_dice),
        theme=outline.theme if words_dice.chance(0.97) else None,
        end_dates=end_dates,
        statuses=statuses,
        cells=cells,
        payments=payments,
        passages=passages,
        documents=documents,
        managers=managers,
        persons=persons,
        without_tables=without_tables,
        zero_refunds=dice.chance(0.4),
        changes=tuple(sorted(at for at in changes if outline.approved <= at < OPEN_END)),
    )


def _end_dates(outline: Outline, dice: Dice) -> tuple[date, History[date]]:
    """Return the final end date, and its history: one programme in four is extended."""
    history = History([outline.approved], [outline.end])
    ended = outline.end
    if dice.chance(0.25):
        ended += timedelta(days=dice.whole(2, 18) * 30)
        asked = max(outline.approved + DAY, midnight(outline.end) - dice.whole(10, 120) * DAY)
        history.report(asked, ended)
    return ended, history


def _statuses(outline: Outline, ended: date, dice: Dice) -> History[str]:
    history = History([outline.approved], ["On Going"])
    closed = max(midnight(ended), outline.approved) + dice.whole(20, 500) * DAY
    if dice.chance(0.94):
        history.report(closed + dice.whole(0, DAY), "Operationally Closed")
        if dice.chance(0.9):
            closed += dice.whole(60, 900) * DAY
            history.report(closed + dice.whole(0, DAY), "Financially Closed")
    return history


def _figures(
    outline: Outline, ended: date, dice: Dice
) -> tuple[tuple[Cell, ...], tuple[Payment, ...]]:
    cells: list[Cell] = []
    payments: list[Payment] = []
    organizations = outline.organizations
    years = range(max(outline.start.year, 2004), ended.year + 1)
    for organization, part in zip(organizations, dice.shares(len(organizations)), strict=True):
        unspent = 0
        for year, year_part in zip(years, dice.shares(len(years)), strict=True):
            planned = int(outline.budget * part * year_part)
            made = _payments(outline, organization, year, planned, dice)
            payments += made
            unspent += sum(payment.cents for payment in made)
            spent = int(unspent * (0.35 + 0.65 * dice.roll()))
            cells.append(_cell(outline, organization, year, planned, made, spent, dice))
            unspent -= spent
        if dice.chance(0.3):  # what is left goes back, and sometimes the books are put right
            cells.append(_closing_cell(outline, organization, ended, unspent, dice))
    payments.sort()
    return tuple(cells), tuple(payments)


def _payments(
    outline: Outline, organization: int, year: int, planned: int, dice: Dice
) -> list[Payment]:
    """Return one year's payments to one organization, the earliest first."""
    first = max(NEW_YEAR[year] + 7, day_number(outline.start) - 20)
    days = NEW_YEAR[year] + 354 - first
    if days <= 0 or dice.chance(0.12):
        return []
    roll = dice.roll
    at = outline.organizations.index(organization) * _YEARS + year - outline.start.year
    first_number = (outline.number * _VOUCHERS_EACH) + at * _PAYMENTS_A_YEAR
    made: list[Payment] = []
    paid_on = sorted(
        first + int(days * roll() ** 1.5) for _ in range(dice.whole(1, _PAYMENTS_A_YEAR))
    )
    for number, (day, part) in enumerate(zip(paid_on, dice.shares(len(paid_on)), strict=True)):
        name = f"{first_number + number:08d}"
        cents = int(planned * part)
        shown = max(in_working_hours(day, cents), outline.approved)
        if roll() < _TWO_LINES:
            half = cents // 2
            made.append(Payment(shown, name, date_of(day), organization, half))
            cents -= half
        made.append(Payment(shown, name, date_of(day), organization, cents))
    made.sort()  # two of one day need not be shown in the order in which they were made
    return made


def _cell(
    outline: Outline,
    organization: int,
    year: int,
    planned: int,
    made: list[Payment],
    spent: int,
    dice: Dice,
) -> Cell:
    opened = max(outline.approved, in_working_hours(NEW_YEAR[year] + 1, planned))
    budget = History([opened], [round(planned, -2)])
    if dice.chance(0.25):
        budget.report(opened + dice.whole(40, 500) * DAY, round(int(planned * 1.15), -2))
    transfers: History[int] = History([], [])
    paid = 0
    for payment in made:
        paid += payment.cents
        transfers.report(payment.moment, paid)
    refunds: History[int] = History([], [])
    if paid and dice.chance(0.08):
        refunds.report(max(opened, made[-1].moment) + dice.whole(200, 700) * DAY, paid // 20)
    expenditure = _expenditure(outline, year, spent, dice)
    withdrawn = OPEN_END
    if not made and dice.chance(0.1):  # entered by mistake
        withdrawn = opened + dice.whole(30, 900) * DAY
        budget = budget.before(withdrawn)
        expenditure = expenditure.before(withdrawn)
    return Cell(organization, year, budget, transfers, refunds, expenditure, withdrawn)


def _closing_cell(
    outline: Outline, organization: int, ended: date, unspent: int, dice: Dice
) -> Cell:
    """Return the year after the end: a refund of the rest, or a correction of earlier reports."""
    year = ended.year + 1
    refunds: History[int] = History([], [])
    if unspent > 0 and dice.chance(0.7):
        back = in_working_hours(NEW_YEAR[year] + dice.whole(19, 320), unspent)
        refunds.report(max(outline.approved, back), unspent)
    correction = -dice.whole(50_00, outline.budget // 20) if dice.chance(0.5) else 0
    return Cell(
        organization, year, History([], []), History([], []), refunds,
        _expenditure(outline, year, correction, dice), OPEN_END,
    )  # fmt: skip


def _expenditure(outline: Outline, year: int, spent: int, dice: Dice) -> History[int]:
    """Return interim figures, the final one and its restatements; none before the programme."""
    roll = dice.roll
    begin = NEW_YEAR[year]
    history: History[int] = History([], [])

    def report(at: int, cents: int) -> None:
        history.report(max(in_working_hours(begin + at, cents), outline.approved), cents)

    for at in sorted(dice.whole(70, 440) for _ in range(dice.whole(0, 3))):
        # Days into the year: some reports come after its end.
        report(at, int(spent * min(1.0, at / 400) * (0.6 + 0.4 * roll())))
    fate = roll()
    if fate < _NEVER:
        return history  # the final report never comes
    at = NEW_YEAR[year + 1] + _DEADLINE - begin
    if fate < _NEVER + _IN_TIME:
        at -= int(85 * roll() ** 2)
    else:
        at += 1 + int(150 * roll() ** 2)
    if not (history.values and dice.chance(0.15)):  # for some the interim figure stands
        report(at, spent)
    for _ in range(2):
        if not dice.chance(0.08):
            break
        at += dice.whole(150, 1300)
        spent += int((abs(spent) + 1_000_00) * (roll() - 0.45) * 0.3)
        report(at, spent)
    return history

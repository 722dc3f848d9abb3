"""Access to everything the site knows, by programme and fund; all state here is caches."""

from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from replica.books.contributions import Contribution, contributions_to
from replica.books.funds import FundBooks, fund_at, ledger_of
from replica.books.layouts import TableLayout, Typesetting, typesetting
from replica.books.portfolio import FundOutline, Outline, Portfolio
from replica.books.programme import programme_at
from replica.books.programme_books import Books, Spell, open_books
from replica.books.shown import Fund, Programme
from replica.books.texts import DOCUMENTS_EACH, FIRST_DOCUMENT
from replica.books.windows import Deposit, Gifts, deposits_into, gifts_of

_BOOKS_KEPT = 2_000


class Card(NamedTuple):
    """A programme's moments of change, typesetting and spell without tables."""

    changes: "array[int]"
    typesetting: Typesetting
    without_tables: Spell

    def version(self, now: int) -> tuple[int, int]:
        """Return how often the pages have changed by a moment, and when last."""
        count = bisect_right(self.changes, now)
        return count, self.changes[count - 1]


class Records:
    """One seed's portfolio, and all that is derived from it on demand."""

    def __init__(self, seed: int, programmes: int) -> None:
        self.seed = seed
        self.portfolio = Portfolio(seed, programmes)
        self.words = self.portfolio.words
        self._books: OrderedDict[int, Books] = OrderedDict()
        self._cards: dict[int, Card] = {}
        self._deposits: dict[int, list[Deposit]] = {}
        self._contributions: dict[int, list[Contribution]] = {}
        self._fund_books: dict[int, FundBooks] = {}

    def books(self, outline: Outline) -> Books:
        """Return a programme's books; those used last are cached."""
        books = self._books.pop(outline.number, None)
        if books is None:
            books = open_books(outline, self.seed, self.words)
            if len(self._books) >= _BOOKS_KEPT:
                self._books.popitem(last=False)
        self._books[outline.number] = books
        return books

    def card(self, outline: Outline) -> Card:
        """Return a programme's card."""
        card = self._cards.get(outline.number)
        if card is None:
            setting = typesetting(self.seed, outline.number)
            begins = (begin for begin in setting.begins if begin > outline.approved)
            books = self.books(outline)
            changes = array("q", sorted({*books.changes, *begins}))
            card = self._cards[outline.number] = Card(changes, setting, books.without_tables)
        return card

    def deposits(self, fund: FundOutline) -> list[Deposit]:
        """Return the deposits into a fund."""
        deposits = self._deposits.get(fund.number)
        if deposits is None:
            deposits = deposits_into(self.portfolio, fund, self.gifts)
            self._deposits[fund.number] = deposits
        return deposits

    @cached_property
    def gifts(self) -> Gifts | None:
        """Return the fund that contributes to others, with its gifts; None in a world of one."""
        return gifts_of(self.portfolio)

    def contributions(self, fund: FundOutline) -> list[Contribution]:
        """Return the contributions to a fund, by year and contributor."""
        found = self._contributions.get(fund.number)
        if found is None:
            found = contributions_to(self.portfolio, fund, self.deposits(fund))
            self._contributions[fund.number] = found
        return found

    def all_contributions(self) -> Iterator[Contribution]:
        """Yield the contributions to all funds."""
        for fund in self.portfolio.funds:
            yield from self.contributions(fund)

    def fund_books(self, fund: FundOutline) -> FundBooks:
        """Return the source of a fund's pages.

        Raises:
            LookupError: if the fund has no programme; the site never shows it.
        """
        books = self._fund_books.get(fund.number)
        if books is None:
            opened = self.portfolio.opened(fund)
            if opened is None:
                raise LookupError(f"{fund.code} has no programme")
            outlines = self.portfolio.in_fund[fund.number]
            each = [self.books(outline) for outline in outlines]
            books = self._fund_books[fund.number] = FundBooks(
                fund=fund,
                opened=opened,
                outlines=outlines,
                ledgers=[ledger_of(one) for one in each],
                titles=[one.titles for one in each],
                deposits=self.deposits(fund),
                gifts=self.gifts if self.gifts and self.gifts.giver == fund else None,
            )
        return books

    def programme(
        self, outline: Outline, now: int, tables: Sequence[TableLayout] | None = None
    ) -> Programme:
        """Return a programme's factsheet at a moment, or its pages with other tables."""
        books = self.books(outline)
        layout = self.card(outline).typesetting.at(now)
        chosen = layout.tables if tables is None else tables
        return programme_at(books, layout, chosen, self.words, now)

    def fund(self, fund: FundOutline, now: int) -> Fund:
        """Return a fund's factsheet at a moment."""
        return fund_at(self.portfolio, self.fund_books(fund), now)

    def outline_of_document(self, number: int) -> Outline | None:
        """Return the programme that would list a document with this number."""
        at = (number - FIRST_DOCUMENT) // DOCUMENTS_EACH
        outlines = self.portfolio.outlines
        return outlines[at] if 0 <= at < len(outlines) else None

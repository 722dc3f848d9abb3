"""The rows behind each method of the API, by what their columns mean."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from replica.books.agencies import Agency
from replica.books.cents import AgencyTotals, CentsRow, ProgrammeCents, programme_measures
from replica.books.contributions import Contribution
from replica.books.dice import Dice
from replica.books.funds import closed_on
from replica.books.portfolio import Outline
from replica.books.records import Records
from replica.today.names import Method, Names
from replica.today.words import Role

TableRow = dict[str, str | None]
_RATES = frozenset({"delivery_rate"})
_CACHED = 4


class Asked(NamedTuple):
    """The filters of a call: years from first to last, and what the rows are narrowed to."""

    years: range
    fund_code: str | None = None
    programme_id: str | None = None


class Tables:
    """The rows of every method at any time."""

    def __init__(self, records: Records, names: Names) -> None:
        self._records = records
        self._names = names
        self._contributions: list[Contribution] | None = None
        self._whole: dict[tuple[Role, Asked, int], list[TableRow]] = {}
        self.cents = ProgrammeCents(records)

    def rows(self, method: Method, asked: Asked, now: int) -> list[TableRow]:
        """Return a method's rows at a moment, with all its columns.

        Rows that are not narrowed are cached, since they are asked for page by page.
        """
        if asked.fund_code or asked.programme_id:
            return self._rows_of(method, asked, now)
        key = (method.role, asked, now)
        rows = self._whole.get(key)
        if rows is None:
            while len(self._whole) >= _CACHED:
                del self._whole[next(iter(self._whole))]
            rows = self._whole[key] = self._rows_of(method, asked, now)
        return rows

    def _rows_of(self, method: Method, asked: Asked, now: int) -> list[TableRow]:
        match method.role:
            case "organizations":
                return list(self._organizations(asked, now))
            case "programme_figures":
                return [self._figures(row, now) for row in self._cents_rows(asked, now)]
            case "contributions":
                return list(self._contribution_rows(asked, now))
            case "funds":
                return list(self._funds(now))
            case "programmes":
                return list(self._programmes(asked, now))
            case _:
                return self._odd(method)

    def contributions(self) -> list[Contribution]:
        """Return the contributions to all funds."""
        if self._contributions is None:
            self._contributions = list(self._records.all_contributions())
        return self._contributions

    def _cents_rows(self, asked: Asked, now: int) -> Iterator[CentsRow]:
        by_year = self.cents.at(now)
        for year in sorted(by_year):
            if year in asked.years:
                yield from (row for row in by_year[year] if _is_asked(row.outline, asked))

    def _organizations(self, asked: Asked, now: int) -> Iterator[TableRow]:
        totals: dict[Agency, AgencyTotals] = {}
        funds: dict[Agency, set[str]] = {}
        for row in self._cents_rows(asked, now):
            totals[row.agency] = totals.get(row.agency, AgencyTotals()).plus(row.amounts)
            funds.setdefault(row.agency, set()).add(row.outline.fund.code)
        for agency in sorted(totals, key=lambda one: (-totals[one].budget, one.code)):
            yield {
                "agency_code": agency.code,
                "organization": agency.printed(now),
                **_printed(totals[agency].measures()),
                "funds_count": str(len(funds[agency])),
                "group_code": agency.group_code,
                "group_description": agency.group_description(now),
            }

    def _figures(self, row: CentsRow, now: int) -> TableRow:
        return {
            "programme_id": self._programme_id(row.outline),
            "agency_code": row.agency.code,
            "organization": row.agency.printed(now),
            "fund_code": row.outline.fund.code,
            "fiscal_year": str(row.fiscal_year),
            **_printed(programme_measures(row.amounts)),
        }

    def _contribution_rows(self, asked: Asked, now: int) -> Iterator[TableRow]:
        for one in self.contributions():
            committed = one.commitments.at(now)
            if one.fiscal_year not in asked.years or committed is None:
                continue
            if asked.fund_code not in {None, one.fund.code}:
                continue
            yield {
                "fund_code": one.fund.code,
                "contributor": one.contributor,
                "fiscal_year": str(one.fiscal_year),
                "commitments": money(committed),
                "deposits": money(one.deposits.at(now) or 0),
            }

    def _funds(self, now: int) -> Iterator[TableRow]:
        portfolio = self._records.portfolio
        for fund in portfolio.open_funds(now):
            closed = closed_on(portfolio.in_fund[fund.number], now)
            yield {
                "fund_code": fund.code,
                "fund_name": fund.name,
                "fund_type": fund.fund_type,
                "status": "Closed" if closed else "Active",
            }

    def _programmes(self, asked: Asked, now: int) -> Iterator[TableRow]:
        for outline in self._records.portfolio.outlines:
            if outline.approved > now or not _is_asked(outline, asked):
                continue
            books = self._records.books(outline)
            yield {
                "programme_id": self._programme_id(outline),
                "title": books.titles.at(now),
                "fund_code": outline.fund.code,
                "country": outline.country.name,
                "status": books.statuses.at(now),
                "start_date": self._date(outline.start),
                "end_date": self._date(books.end_dates.at(now)),
            }

    def _odd(self, method: Method) -> list[TableRow]:
        dice = Dice(self._records.seed, "odd rows", method.name)
        return [
            {meaning: f"{dice.pick('ABCXYZ')}{dice.whole(1, 99)}" for meaning in method.asked}
            for _ in range(dice.whole(5, 30))
        ]

    def _programme_id(self, outline: Outline) -> str:
        return outline.programme_id if self._names.padded else outline.programme_id.lstrip("0")

    def _date(self, day: date | None) -> str | None:
        return day.strftime(self._names.dates) if day else None


def money(cents: int) -> str:
    """Format an amount as the API does: `2333254635.430`, `.000`, `-.500`."""
    return _decimal(cents * 10, 3)


def _rate(hundredths: int) -> str:
    return _decimal(hundredths, 2)


def _decimal(value: int, places: int) -> str:
    whole, rest = divmod(abs(value), 10**places)
    return f"{'-' if value < 0 else ''}{whole or ''}.{rest:0{places}d}"


def _printed(measures: Mapping[str, int | None]) -> TableRow:
    return {
        measure: None if value is None else (_rate if measure in _RATES else money)(value)
        for measure, value in measures.items()
    }


def _is_asked(outline: Outline, asked: Asked) -> bool:
    return asked.fund_code in {None, outline.fund.code} and asked.programme_id in {
        None, outline.programme_id,
    }  # fmt: skip

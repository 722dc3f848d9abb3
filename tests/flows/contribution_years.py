"""Visits to the pages that show contributions, and what the tables must hold after them.

The model knows the stand-in's books and which pages were captured when, and nothing of how pages
are read: it writes down, capture by capture, what the books say that each showed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from extractors.ids import fund_code_of
from replica.books.contributors import contributors_table, fund_contributors
from replica.books.layouts import TableLayout
from replica.books.moments import moment
from replica.books.portfolio_form import portfolio_form
from replica.books.shown import CONTRIBUTION_MEASURES, Table
from replica.pages.contributor_pages import CONTRIBUTORS_VIEW, setting_of
from replica.world import World
from tests.flows.tables import ask

ALL, SINCE_THE_START = "(all)", 0
_OF_API = "(api)"  # a table of all funds by name
_ACROSS = {"measures_over_years", "years_over_measures", "years_across"}
_MEASURES = ("commitments", "deposits")
Key = tuple[str, str, int]  # fund, contributor, year
Amounts = tuple[Decimal | None, Decimal | None]  # commitments and deposits
Row = tuple[Key, datetime, Amounts, datetime, datetime | None]  # a vintage, when last seen, gone

_HELD = (
    "SELECT fund_code, contributor, fiscal_year, known_from, commitments_usd, deposits_usd,"
    " last_seen, no_longer_shown_since FROM core.contribution_snapshot"
    " UNION ALL SELECT fund_code, contributor, to_year, known_from, commitments_usd, deposits_usd,"
    " last_seen, no_longer_shown_since FROM core.contribution_cumulative_snapshot"
)


class Sight(NamedTuple):
    """One table that a capture showed, whole; `rows` are all of its rows, those of dashes too."""

    at: datetime
    url: str
    fund: str
    by_year: bool
    rows: dict[Key, dict[str, Decimal]]


@dataclass
class Told:
    """What has been seen of one contributor's money for one fund and year."""

    amounts: dict[str, Decimal] = field(default_factory=dict)
    vintages: list[list[Any]] = field(default_factory=list)  # since, amounts, last seen
    urls: set[str] = field(default_factory=set)
    gone: datetime | None = None
    came_back: bool = False


def held(warehouse: Path) -> set[Row]:
    """The vintages of all contributions."""
    return {
        ((str(fund), str(name), int(str(year))), since, (committed, paid), last, gone)  # type: ignore[misc]
        for fund, name, year, since, committed, paid, last, gone in ask(warehouse, _HELD)
    }


def told_by(sights: Iterable[Sight]) -> dict[Key, Told]:
    """What a visitor knows who has seen these tables.

    A row is gone when a page that has shown it shows a whole table without it, and no page shows
    it later. A dash says nothing of an amount that was known.
    """
    told: dict[Key, Told] = {}
    for sight in sorted(sights, key=lambda one: (one.at, one.url)):
        for key, amounts in sight.rows.items():
            one = told.setdefault(key, Told())
            one.urls.add(sight.url)
            one.came_back |= one.gone is not None
            one.gone = None
            _see(one, sight.at, amounts)
        for key, one in told.items():
            covered = sight.fund in {key[0], _OF_API}
            is_of_kind = (key[2] != SINCE_THE_START) == sight.by_year
            if covered and is_of_kind and sight.url in one.urls and key not in sight.rows:
                one.gone = one.gone or sight.at
    return told


def vintages(told: Mapping[Key, Told]) -> set[Row]:
    """All vintages of what is known."""
    return {
        (key, since, amounts, last, one.gone)
        for key, one in told.items()
        for since, amounts, last in one.vintages
    }


def _see(one: Told, at: datetime, amounts: dict[str, Decimal]) -> None:
    if not amounts:
        return
    one.amounts |= amounts
    now = tuple(one.amounts.get(measure) for measure in _MEASURES)
    if not one.vintages or one.vintages[-1][1] != now:
        one.vintages.append([at, now, at])
    one.vintages[-1][2] = at


def captures_of(warehouse: Path) -> list[tuple[str, datetime]]:
    """The URLs and times of all captures that were loaded."""
    query = "SELECT url, captured_at FROM raw.capture WHERE state = 'loaded' ORDER BY ALL"
    found = ask(warehouse, query)
    return [(str(url), at) for url, at in found if isinstance(at, datetime)]


def sights(world: World, captures: Iterable[tuple[str, datetime]]) -> Iterator[Sight]:
    """What captures of these URLs must have shown; today's pages show no contributions."""
    api = f"/{world.today.names.methods['contributions'].name}/"
    for url, at in captures:
        path = url.partition("://")[2].partition("/")[2]
        if api in url:
            yield from _answer(world, url, at)
        elif world.layout == "today":
            continue
        elif path.partition("?")[0] in {"portfolio/donor", "portfolio/donor/excel"}:
            how = portfolio_form(world.gateway.records.seed, moment(at)).table
            contributions = world.gateway.records.all_contributions()
            table = contributors_table(contributions, how, moment(at))
            yield from _sight(at, url, ALL, table, how)
        elif (code := fund_code_of(url)) is not None:
            yield from _fund(world, code, url, at)


def _fund(world: World, code: str, url: str, at: datetime) -> Iterator[Sight]:
    records, now = world.gateway.records, moment(at)
    fund = records.portfolio.by_code[code]
    setting = setting_of(records, fund)
    tables: tuple[TableLayout, ...] = ()
    if url.endswith(CONTRIBUTORS_VIEW):
        tables = (setting.at(now).view,)
    elif not setting.without_tables.holds(now) and "/status/" not in url:
        tables = setting.at(now).layout.tables
    for how in tables:
        yield from _sight(at, url, code, fund_contributors(records, fund, how, now), how)


def _sight(at: datetime, url: str, fund: str, table: Table, how: TableLayout) -> Iterator[Sight]:
    """A table with its rows; with years across, each contributor has all the years."""
    by_year = table.grain == "organization_year"
    rows: dict[Key, dict[str, Decimal]] = {}
    for row in table.rows:
        values = zip(CONTRIBUTION_MEASURES, row.values, strict=True)
        rows[fund, " ".join((row.organization or "").split()), row.fiscal_year or 0] = {
            measure: Decimal(value)
            for measure, value in values
            if value is not None and measure in _MEASURES and measure in how.measures
        }
    if how.shape in _ACROSS:
        names, years = {key[1] for key in rows}, {key[2] for key in rows}
        rows = {(fund, *place): rows.get((fund, *place), {}) for place in product(names, years)}
    if rows:
        yield Sight(at, url, fund, by_year, rows)


def _answer(world: World, url: str, at: datetime) -> Iterator[Sight]:
    """What the API answers of one year, of all funds or of one."""
    filters = url.rpartition("/")[2]
    years = {int(year) for year in re.findall(r":((?:19|20)\d{2})\b", filters)}
    assert len(years) == 1, url
    rows = {
        (one.fund.code, one.contributor, one.fiscal_year): {
            "commitments": Decimal(committed) / 100,
            "deposits": Decimal(one.deposits.at(moment(at)) or 0) / 100,
        }
        for one in world.gateway.records.all_contributions()
        if one.fiscal_year in years and (committed := one.commitments.at(moment(at))) is not None
    }
    yield Sight(at, url, _OF_API, by_year=True, rows=rows)

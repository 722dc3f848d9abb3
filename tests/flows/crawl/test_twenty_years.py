"""Twenty years of visits at random times: history says what a visitor saw, and no more."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from extractors.ids import programme_id_of
from flows.pipeline.home import Home
from replica.books.layouts import EXCEL_TABLE, TableLayout
from replica.books.moments import moment
from replica.books.truth import programme_facts
from replica.world import World
from tests.flows.nights import COLUMNS, MEASURES, PAGES, SITE, figures_shown, home_for, night
from tests.flows.tables import ask
from tests.stand_in import Replica
from transforms.organizations import canonical_organization

BEGIN, END = datetime(2006, 3, 1), datetime(2026, 3, 1)  # noqa: DTZ001 because every time here is naive UTC
Figure = tuple[str, str, int]  # programme, organization, year


class Sight(NamedTuple):
    """What one page showed of a programme's annual figures, in dollars and tenths of a percent."""

    at: datetime
    status: str | None
    figures: dict[Figure, dict[str, int]]
    places: set[Figure]  # all rows that are printed, those of dashes too


def sights(world: World, home: Home) -> dict[str, list[Sight]]:
    """What the captures must have shown, by programme, in the order of time."""
    captures = ask(
        home.warehouse,
        "SELECT url, captured_at, page_kind FROM raw.capture"
        " WHERE state = 'loaded' AND subject = 'programme' ORDER BY captured_at, url",
    )
    found: dict[str, list[Sight]] = {}
    for url, at, kind in captures:
        assert isinstance(at, datetime)
        programme_id = programme_id_of(str(url).removeprefix(SITE))
        assert programme_id is not None
        if kind in PAGES:
            found.setdefault(programme_id, []).append(_sight(world, programme_id, at, str(kind)))
    return found


def _sight(world: World, programme_id: str, at: datetime, kind: str) -> Sight:
    records = world.gateway.records
    facts = programme_facts(records, records.portfolio.by_id[programme_id], moment(at))
    status = facts[("kind", "identity"), ("programme_id", programme_id), ("field", "status")]
    figures = {
        (row[0], row[1], row[2]): measures
        for row, measures in figures_shown(world, programme_id, at, kind).items()
        if row[2] is not None
    }
    return Sight(
        at,
        str(status) if status and kind == "programme_factsheet" else None,
        figures,
        set(_places(world, programme_id, at, kind)),
    )


def _places(world: World, programme_id: str, at: datetime, kind: str) -> Iterator[Figure]:
    """The rows by year that a page prints. Tables with years across have all years for everyone."""
    records, now = world.gateway.records, moment(at)
    outline = records.portfolio.by_id[programme_id]
    layouts: tuple[TableLayout, ...] = (EXCEL_TABLE,)
    if PAGES[kind] == "factsheet":
        if records.books(outline).without_tables.holds(now):
            return
        layouts = records.card(outline).typesetting.at(now).tables
    tables = records.programme(outline, now, layouts).tables
    for table, how in zip(tables, layouts, strict=False):
        rows = [(row.organization, row.fiscal_year) for row in table.rows if row.fiscal_year]
        if how.shape in {"measures_over_years", "years_over_measures", "years_across"}:
            rows = list(product(*map(set, zip(*rows, strict=True)))) if rows else []
        for printed, year in rows:
            named = canonical_organization(printed)[0] if printed else "(all)"
            yield programme_id, named, year


def shown_as_of(own: list[Sight], time: datetime) -> dict[Figure, dict[str, int]]:
    """The figures that the last visits by then showed; those that a whole table lacked are gone.

    A row of dashes keeps a figure where it is, and brings none back.
    """
    shown: dict[Figure, dict[str, int]] = {}
    for sight in own:
        if sight.at <= time:
            by_organization = {organization != "(all)" for _, organization, _ in sight.places}
            for key in [key for key in shown if key not in sight.places]:
                if (key[1] != "(all)") in by_organization:
                    del shown[key]
            shown |= sight.figures
    named = {year for _, organization, year in shown if organization != "(all)"}
    return {key: value for key, value in shown.items() if key[1] != "(all)" or key[2] not in named}


def restated(own: list[Sight]) -> Iterator[tuple[Any, ...]]:
    """Every change of a measure after a visitor had seen it final."""
    status = None
    final: dict[tuple[Figure, str], int] = {}
    named = {key[2] for sight in own for key in sight.figures if key[1] != "(all)"}
    for sight in own:
        status = sight.status or status
        for key, measures in sight.figures.items():
            closed = status == "Financially Closed"
            if not (closed or sight.at >= datetime(key[2] + 1, 5, 1)):  # noqa: DTZ001 because every time here is naive UTC
                continue
            for measure, value in measures.items():
                before = final.get((key, measure), value)
                if before != value and (key[1] != "(all)" or key[2] not in named):
                    yield (*key, measure, before, value, sight.at)
                final[key, measure] = value


@pytest.mark.parametrize(
    ("programmes", "visits", "instants"),
    [(6, 9, 12), pytest.param(300, 80, 200, marks=pytest.mark.proof)],
)
def test_as_of_any_instant_and_every_restatement_is_what_a_visitor_saw(
    programmes: int, visits: int, instants: int, replica: Replica, tmp_path: Path
) -> None:
    chance = random.Random(20)  # noqa: S311 because nothing is secret
    span = int((END - BEGIN).total_seconds())
    times = sorted(BEGIN + timedelta(seconds=chance.randrange(span)) for _ in range(visits))
    world, running = replica(programmes=programmes, seed=11, now=times[0])
    home = home_for(tmp_path / "home", running)
    outlines = world.gateway.records.portfolio.outlines
    for time in times:
        running.move_to(max(time, running.now))
        there = [o.programme_id for o in outlines if o.approved <= moment(running.now)]
        if there:
            night(home, running, programmes=chance.sample(there, -(-2 * len(there) // 3)))
    seen = sights(world, home)
    captures = sum(map(len, seen.values()))
    with duckdb.connect(str(home.warehouse), read_only=True) as con:
        compared = 0
        for _ in range(instants):
            instant = BEGIN + timedelta(seconds=chance.randrange(span))
            con.execute("SET VARIABLE as_of = ?::TIMESTAMP", [instant])
            got = {
                row[:3]: dict(zip(MEASURES, row[3:], strict=True))
                for row in con.execute(
                    f"SELECT programme_id, organization, fiscal_year, {COLUMNS}"  # noqa: S608 because the columns are fixed
                    " FROM mart.expenditure_as_of"
                ).fetchall()
            }
            expected = {k: v for own in seen.values() for k, v in shown_as_of(own, instant).items()}
            assert set(got) == set(expected), instant
            for key, measures in expected.items():
                for measure, value in measures.items():
                    scale = 10 if measure == "delivery_rate" else 1
                    held = got[key][measure]
                    assert held is not None, (instant, key, measure)
                    assert held * scale == value, (instant, key, measure)
                    compared += 1
        listed = {
            (*row[:3], measure := row[3].rpartition("_")[0],
             *(value * (10 if measure == "delivery_rate" else 1) for value in row[4:6]), row[6])
            for row in con.execute(
                "SELECT programme_id, organization, fiscal_year, measure, old_value, new_value,"
                " restated_at FROM mart.restatement"
            ).fetchall()
        }  # fmt: skip
    expected_restated = {found for own in seen.values() for found in restated(own)}
    assert listed == expected_restated
    assert compared > 100
    print(f"{captures} captures of {len(seen)} programmes in {visits} visits; {compared} measures"
          f" as of {instants} instants; {len(listed)} restatements")  # fmt: skip
    assert len(listed) > 0

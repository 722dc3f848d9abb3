"""Ten years of visits to today's site: the tables say what the API had answered by any instant."""

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from replica.books.moments import moment
from replica.today.truth import today_truth
from replica.today.words import Role
from replica.world import World
from tests.command import Mptf
from tests.flows.syncs import flat_out, killed_and_finished
from tests.flows.tables import ask, dump
from tests.stand_in import Replica
from transforms.organizations import canonical_organization

_BEGIN, _END = datetime(2012, 3, 1), datetime(2022, 3, 1)  # noqa: DTZ001 because every time here is naive UTC
_FAULTS = ("503=0.04", "reset=0.03", "truncated=0.03")
_MEASURES = ("approved_budget", "net_funded", "transfers", "refunds", "expenditure")
_Key = tuple[str, str, int]  # programme, organization, year
_Facts = dict[_Key, dict[str, Decimal]]


class _Books:
    """What the API shows of programmes' years at any moment, by the stand-in's own truth."""

    def __init__(self, world: World) -> None:
        self._facts: defaultdict[int, list[tuple[int, int | None, _Key, str, Decimal]]]
        self._facts = defaultdict(list)
        for fact in today_truth(world.gateway.records, _END):
            if fact["kind"] == "figure" and fact["page"] == "api" and fact["value"] is not None:
                name = canonical_organization(str(fact["organization"]))[0]
                year = int(str(fact["fiscal_year"]))
                self._facts[year].append(
                    (
                        moment(datetime.fromisoformat(str(fact["shown_from"]))),
                        _moment_of(fact["shown_until"]),
                        (str(fact["programme_id"]), name, year),
                        str(fact["measure"]),
                        Decimal(str(fact["value"])) / 100,
                    )
                )

    def of_year(self, year: int, at: datetime) -> _Facts:
        """The figures of a year that an answer shows at a time."""
        shown: _Facts = {}
        now = moment(at)
        for begin, end, key, measure, value in self._facts[year]:
            if begin <= now and (end is None or now < end) and measure in _MEASURES:
                shown.setdefault(key, {})[measure] = value
        return shown


def _moment_of(text: Any) -> int | None:
    return None if text is None else moment(datetime.fromisoformat(str(text)))


def _answers(world: World, home: Path) -> dict[int, list[datetime]]:
    """When each year's figures of programmes were answered, in order."""
    found = ask(
        home / "warehouse.duckdb",
        "SELECT url, captured_at FROM raw.capture WHERE state = 'loaded'"
        " AND page_kind = 'api_answer' ORDER BY captured_at",
    )
    role: Role = "programme_figures"
    method = world.today.names.methods[role].name
    answers: defaultdict[int, list[datetime]] = defaultdict(list)
    for url, at in found:
        asked, _, filters = str(url).partition(f"/{method}/")
        if filters:
            years = re.findall(r":((?:19|20)\d{2})\b", filters)
            assert len(set(years)) == 1, asked
            assert isinstance(at, datetime)
            answers[int(years[0])].append(at)
    return dict(answers)


def _shown_as_of(con: duckdb.DuckDBPyConnection, time: datetime) -> _Facts:
    con.execute(f"SET VARIABLE as_of = TIMESTAMP '{time}'")
    columns = ", ".join(f"{measure}_usd" for measure in _MEASURES)
    found = con.execute(
        f"SELECT programme_id, organization, fiscal_year, {columns} FROM mart.expenditure_as_of"  # noqa: S608 because the names are those above
    ).fetchall()
    return {
        (programme_id, name, year): {
            measure: value
            for measure, value in zip(_MEASURES, values, strict=True)
            if value is not None
        }
        for programme_id, name, year, *values in found
    }


def _restated(books: _Books, answers: dict[int, list[datetime]]) -> Iterator[tuple[Any, ...]]:
    """Every change of a measure between two answers after 30 April of the following year."""
    for year, times in answers.items():
        final: dict[tuple[_Key, str], Decimal] = {}
        for at in times:
            if at < datetime(year + 1, 5, 1):  # noqa: DTZ001 because every time here is naive UTC
                continue
            for key, measures in books.of_year(year, at).items():
                for measure, value in measures.items():
                    before = final.get((key, measure), value)
                    if before != value:
                        yield (*key, f"{measure}_usd", before, value, at)
                    final[key, measure] = value


@pytest.mark.proof
@pytest.mark.parametrize(("seed", "nights", "instants"), [(3, 60, 100), (1, 3, 20)])
def test_as_of_any_instant_the_tables_hold_what_the_api_had_answered(
    seed: int, nights: int, instants: int, replica: Replica, mptf: Mptf, home: Path,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Nights at random times with faults, some killed and finished; restatements exactly."""
    dice = random.Random(seed)  # noqa: S311 because nothing is secret
    world, running = replica(programmes=12, seed=seed, now=_BEGIN, layout="today")
    environment = flat_out(running)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    profile = tmp_path / "p.toml"
    assert mptf("probe", "--write", profile).exit_code == 0
    span = int((_END - _BEGIN).total_seconds())
    times = sorted(_BEGIN + timedelta(seconds=dice.randrange(span)) for _ in range(nights))
    for number, time in enumerate(times):
        running.move_to(time)
        running.set_faults(_FAULTS if number % 2 else ())
        if number % 5 == 4:
            killed_and_finished(running, home, environment, dice, "--profile", str(profile))
        else:
            done = mptf("sync", "--profile", profile)
            assert done.exit_code in {0, 3}, done.stderr
    books, answers = _Books(world), _answers(world, home)
    assert sum(map(len, answers.values())) > nights
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        for _ in range(instants):
            instant = _BEGIN + timedelta(seconds=dice.randrange(span))
            expected: _Facts = {}
            for year, seen in answers.items():
                if by_then := [at for at in seen if at <= instant]:
                    expected |= books.of_year(year, by_then[-1])
            assert _shown_as_of(con, instant) == expected, instant
        found = con.execute(
            "SELECT programme_id, organization, fiscal_year, measure, old_value, new_value,"
            " restated_at, known_closed FROM (SELECT r.*, EXISTS (FROM core.programme AS p"
            " WHERE p.programme_id = r.programme_id AND p.status = 'Financially Closed'"
            ") AS known_closed FROM mart.restatement AS r) WHERE measure LIKE '%_usd'"
        ).fetchall()
    restated = set(_restated(books, answers))
    assert restated <= {tuple(row[:-1]) for row in found}
    assert all(closed for *row, closed in found if tuple(row) not in restated)
    grown = dump(home / "warehouse.duckdb")
    assert mptf("rebuild", "--reread").exit_code in {0, 3}
    assert dump(home / "warehouse.duckdb") == grown

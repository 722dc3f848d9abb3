"""Ten years of contributions: the tables hold each vintage that the pages or the API have shown."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from replica.books.moments import moment
from replica.http import Request
from replica.pages.answers import fund_address
from replica.pages.contributor_pages import CONTRIBUTORS_VIEW, setting_of
from replica.today.calls import call_of
from replica.world import Layout, World, open_world
from tests.command import Mptf, run_mptf
from tests.extractors.archive.warcs import answer, crawl, record
from tests.flows.contribution_years import Key, Told, captures_of, held, sights, told_by, vintages
from tests.flows.nights import SITE
from tests.flows.syncs import flat_out, killed_and_finished
from tests.flows.tables import dump
from tests.stand_in import Replica

BEGIN, END = datetime(2012, 3, 1), datetime(2022, 3, 1)  # noqa: DTZ001 because every time here is naive UTC
_FAULTS = ("503=0.04", "reset=0.03", "truncated=0.03")
_SCRIPTS = {"drupal-page-url": "/", "referer": "https://mptf.undp.org/"}
Visit = tuple[str, datetime]


def classic_visits(world: World, times: list[datetime], dice: random.Random) -> Iterator[Visit]:
    """Some funds' pages at each time, their views where they lack the tables, and the portfolio."""
    records = world.gateway.records
    for time in times:
        for number, fund in enumerate(records.portfolio.open_funds(moment(time))):
            now = time + timedelta(seconds=number)
            path = f"{SITE}{fund_address(fund, moment(now))}"
            setting = setting_of(records, fund)
            if dice.random() < 0.8:
                yield path, now
                if setting.without_tables.holds(moment(now)) and setting.at(moment(now)).heading:
                    yield f"{path}/{CONTRIBUTORS_VIEW}", now
        if dice.random() < 0.5:
            yield f"{SITE}/portfolio/donor", time


def today_visits(world: World, times: list[datetime], dice: random.Random) -> Iterator[Visit]:
    """Answers of some years at each time."""
    for time in times:
        for year in range(2006, time.year + 1):
            if dice.random() < 0.7:
                call = call_of(world.today.names, "contributions", years=(year, year))
                yield f"{SITE}{call.path}", time


def times_between(
    begin: datetime, end: datetime, count: int, dice: random.Random
) -> list[datetime]:
    """So many random times, to the second."""
    span = int((end - begin).total_seconds())
    return [begin + timedelta(seconds=dice.randrange(span)) for _ in range(count)]


def warc(path: Path, world: World, visits: list[Visit]) -> Path:
    """A WARC file with the answers to some visits, in their order."""
    records = []
    for url, at in visits:
        path_asked = url.removeprefix(SITE)
        shown = world.site.answer(Request("GET", path_asked, "", _SCRIPTS), at)
        assert shown.status == 200, (url, at)
        block = answer(shown.body, Content_Type=dict(shown.headers)["Content-Type"])
        records.append(record("response", block, url=url, date=f"{at:%Y-%m-%dT%H:%M:%SZ}"))
    return crawl(path, *records)


def loaded(home: Path, *files: Path) -> Path:
    """The warehouse of a home into which some files are ingested, one after the other."""
    for file in files:
        done = run_mptf(home, "ingest", file)
        assert done.exit_code == 0, done.stderr
    return home / "warehouse.duckdb"


def histories(told: dict[Key, Told]) -> dict[str, int]:
    """How many contributions have a history of each kind."""
    known = [one for one in told.values() if one.vintages]
    deposits = [[amounts[1] or 0 for _, amounts, _ in one.vintages] for one in known]
    return {
        "restated": sum(len(one.vintages) > 1 for one in known),
        "deposits fallen": sum(any(b < a for a, b in pairwise(each)) for each in deposits),
        "gone": sum(one.gone is not None for one in known),
        "come back": sum(one.came_back for one in known),
    }


@pytest.mark.parametrize(
    ("layout", "seed", "programmes", "visited"),
    [
        ("classic", 30, 24, 14),
        ("today", 24, 24, 10),
        pytest.param("classic", 6, 400, 60, marks=pytest.mark.proof),
        pytest.param("today", 2, 400, 60, marks=pytest.mark.proof),
    ],
)
def test_ten_years_of_contributions_are_the_truth_in_whatever_order_they_are_loaded(
    layout: Layout,
    seed: int,
    programmes: int,
    visited: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In order, shuffled and cut in two, again, and rebuilt: the same vintages."""
    monkeypatch.setenv("MPTF_PROCESSES", "0")
    dice = random.Random(25)  # noqa: S311 because nothing is secret
    world = open_world(seed, programmes, layout=layout)
    times = sorted(times_between(BEGIN, END, visited, dice))
    visits_of = classic_visits if layout == "classic" else today_visits
    visits = list(visits_of(world, times, dice))
    told = told_by(sights(world, visits))
    assert min(histories(told).values()) > 0
    true = vintages(told)
    grown = loaded(tmp_path / "grown", warc(tmp_path / "whole.warc", world, visits))
    assert held(grown) == true
    dice.shuffle(visits)
    half = len(visits) // 2
    parts = [warc(tmp_path / f"{at}.warc", world, visits[at : at + half + 1]) for at in (0, half)]
    shuffled = loaded(tmp_path / "shuffled", *parts)
    assert dump(shuffled) == dump(grown)
    before = dump(grown)
    loaded(tmp_path / "grown", *parts)
    assert dump(grown) == before
    assert run_mptf(tmp_path / "grown", "rebuild", "--reread").exit_code == 0
    assert dump(grown) == before


@pytest.mark.proof
@pytest.mark.parametrize("layout", ["classic", "today"])
def test_nights_with_faults_and_kills_leave_the_truth_of_what_they_captured(
    layout: Layout, replica: Replica, mptf: Mptf, home: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Syncs at random times, every third of them killed and run again; then rebuilt."""
    dice = random.Random(7)  # noqa: S311 because nothing is secret
    world, running = replica(programmes=30, seed=30, now=BEGIN, layout=layout)
    environment = flat_out(running)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    wanted = ["--limit", "1"]
    if layout == "today":
        wanted = ["--profile", str(tmp_path / "p.toml")]
        assert mptf("probe", "--write", tmp_path / "p.toml").exit_code == 0
    for number, time in enumerate(sorted(times_between(BEGIN, END, 30, dice))):
        running.move_to(time)
        running.set_faults(_FAULTS if number % 2 else ())
        if number % 3 == 2:
            killed_and_finished(running, home, environment, dice, *wanted)
        else:
            assert mptf("sync", *wanted).exit_code in {0, 3}
    captures = captures_of(home / "warehouse.duckdb")
    told = told_by(sights(world, captures))
    assert held(home / "warehouse.duckdb") == vintages(told)
    print(layout, len(captures), histories(told))
    grown = dump(home / "warehouse.duckdb")
    assert mptf("rebuild", "--reread").exit_code in {0, 3}
    assert dump(home / "warehouse.duckdb") == grown

"""Nights that visit only what may have changed: every change is seen within its bound."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from extractors.profiles.write import dump_profile
from flows.crawl.selection import Selection
from flows.pipeline.home import Home
from flows.pipeline.run import open_run
from flows.sync import sync
from replica.books.moments import moment
from replica.books.portfolio import Outline
from replica.server.serving import Running
from replica.server.state import LogEntry
from replica.world import World
from tests.flows.nights import SiteTime, home_for, night
from tests.flows.tables import ask
from tests.flows.todays_profile import profile_for
from tests.stand_in import Replica

DAY = 86_400
MAY = datetime(2016, 5, 24, 2, 15)  # noqa: DTZ001 because every time here is naive UTC
SPRING = datetime(2016, 3, 26, 2, 15)  # noqa: DTZ001 because every time here is naive UTC
CLOSED = "Financially Closed"
MONEY = {
    "Transferred to Participating Organizations", "Transfers to Participation Organizations",
    "Refunds from Participating Organizations", "Participating Organizations' Expenditure",
}  # fmt: skip


class Nights:
    """Some nights in a row, and what they captured."""

    def __init__(self, world: World, home: Home) -> None:
        self.world = world
        self.home = home
        self.times: list[int] = []
        self.every = 1

    def live(self, running: Running, number: int, every: int) -> None:
        """Sync every so many nights, at the same hour."""
        self.every, first = every, running.now
        for nights in range(number):
            running.move_to(first + timedelta(days=every * nights))
            self.times.append(moment(running.now))
            night(self.home, running, everything=False)

    def visits(self) -> dict[str, list[int]]:
        """When the page of each programme was captured."""
        found: dict[str, list[int]] = {}
        for programme_id, at in ask(
            self.home.warehouse,
            "SELECT programme_id, captured_at FROM raw.capture WHERE state = 'loaded'"
            " AND page_kind IN ('programme_factsheet', 'programme_page')",
        ):
            assert isinstance(at, datetime)
            found.setdefault(str(programme_id), []).append(moment(at))
        return found

    def visits_in_all(self) -> int:
        """How many programmes were visited, night by night."""
        return sum(len({at // DAY for at in times}) for times in self.visits().values())

    def outlines(self) -> Iterator[Outline]:
        """The programmes that the site showed on the first night."""
        outlines = self.world.gateway.records.portfolio.outlines
        return (outline for outline in outlines if outline.approved <= self.times[0])

    def unseen(self, changes: Iterable[tuple[Outline, int]], days: int = 0) -> list[str]:
        """Changes whose page was not captured on the first night after so many days, or before."""
        visits = self.visits()
        until = int((days + self.every + 0.5) * DAY)
        return [
            f"{outline.programme_id} changed at {at}"
            for outline, at in changes
            if self.times[0] < at <= self.times[-1] - until
            and not any(at <= one <= at + until for one in visits[outline.programme_id])
        ]

    def told_by_titles(self) -> Iterator[tuple[Outline, int]]:
        for outline in self.outlines():
            for at in self.world.gateway.records.books(outline).titles.moments:
                yield outline, at

    def told_by_api(self) -> Iterator[tuple[Outline, int]]:
        for outline in self.outlines():
            books = self.world.gateway.records.books(outline)
            for history in (books.titles, books.statuses, books.end_dates):
                for at in history.moments:
                    yield outline, at

    def told_by_statements(self) -> Iterator[tuple[Outline, int]]:
        """The nights on which the statement of an open programme's fund had other sums."""
        records = self.world.gateway.records
        for outline in self.outlines():
            for before, now in pairwise(self.times):
                sums = [
                    [
                        (line.label, line.value)
                        for block in records.fund(outline.fund, at).statement
                        for line in block.lines
                        if line.label in MONEY
                    ]
                    for at in (before, now)
                ]
                if sums[0] != sums[1] and records.books(outline).statuses.at(before) != CLOSED:
                    yield outline, now

    def changes(self, *, closed: bool) -> Iterator[tuple[Outline, int]]:
        """Every change of a page, while its programme was closed or was not."""
        records = self.world.gateway.records
        for outline in self.outlines():
            statuses = records.books(outline).statuses
            for at in records.card(outline).changes:
                if (statuses.at(at) == CLOSED) is closed:
                    yield outline, at


YEAR = {"figures_turn_days": 28, "texts_turn_days": 60, "closed_days": 91}


@pytest.mark.parametrize(
    ("start", "nights", "least"),
    [
        (MAY, 4, 1),
        pytest.param(SPRING, 123, 10, marks=[pytest.mark.proof, pytest.mark.timeout(3000)]),
    ],
)
def test_on_the_classic_site_no_change_is_lost(
    start: datetime, nights: int, least: int, replica: Replica, tmp_path: Path
) -> None:
    """A title or a fund's sums the same night, all else within its turn; few are visited."""
    world, running = replica(programmes=16, seed=7, now=start)
    lived = Nights(world, home_for(tmp_path / "home", running, **YEAR))
    lived.live(running, nights, 3)
    assert lived.unseen(lived.told_by_titles()) == []
    assert lived.unseen(lived.told_by_statements()) == []
    changes = [*lived.changes(closed=False)]
    assert sum(lived.times[0] < at < lived.times[-1] for _, at in changes) >= least
    assert lived.unseen(changes, YEAR["figures_turn_days"]) == []
    assert lived.unseen(lived.changes(closed=True), YEAR["closed_days"]) == []
    assert lived.visits_in_all() < 0.7 * nights * len([*lived.outlines()])


def test_what_a_list_or_a_statement_tells_comes_before_turns(
    replica: Replica, tmp_path: Path
) -> None:
    """Every turn has come after a hundred days, and the night may visit only two programmes."""
    world, running = replica(programmes=16, seed=7, now=MAY)
    lived = Nights(world, home_for(tmp_path / "home", running, most_visits=2, **YEAR))
    lived.live(running, 2, 100)
    told = {
        outline.programme_id
        for outline, at in [*lived.told_by_titles(), *lived.told_by_statements()]
        if lived.times[0] < at <= lived.times[1]
    }
    visited = {key for key, times in lived.visits().items() if times[-1] >= lived.times[1]}
    assert visited == told
    counts = "SELECT programmes_due, programmes_visited, programmes_left FROM meta.run"
    never, later = ask(lived.home.warehouse, f"{counts} ORDER BY started_at")
    assert never[0] == never[1] == later[0]  # what was never requested has no limit
    assert later[1:] == (2, len([*lived.outlines()]) - 2)


@pytest.mark.proof
@pytest.mark.parametrize("cut_short", [False, True])
def test_in_its_turn_every_page_of_a_programme_is_requested_in_full(
    replica: Replica, tmp_path: Path, *, cut_short: bool
) -> None:
    """Its vouchers and views too: a validator may lie of each. So also where a run is continued."""
    _, running = replica(programmes=16, seed=7, now=MAY)
    home = home_for(tmp_path / "home", running, check_every=1_000_000, **YEAR)

    def further() -> list[LogEntry]:
        return [one for one in running.log() if "/project/" in one.target and "?" in one.target]

    night(home, running)
    running.move_to(MAY + timedelta(days=1))
    running.clear_log()
    night(home, running)
    assert any(one.conditional for one in further())
    running.move_to(MAY + timedelta(days=YEAR["closed_days"] + 1))
    running.clear_log()

    def stop(done: int, of: int) -> None:
        if any(one.target == "/factsheet/project/00060007" for one in running.log()):
            raise ZeroDivisionError

    if cut_short:
        with pytest.raises(ZeroDivisionError), open_run(home, "sync --all", running.now) as run:
            sync(run, Selection(everything=True), SiteTime(running), stop)
        assert not further()
        running.move_to(running.now + timedelta(minutes=5))
    night(home, running)
    assert further()
    assert not any(one.conditional for one in running.log() if "/project/" in one.target)


@pytest.mark.proof
@pytest.mark.timeout(3000)
def test_on_todays_site_no_change_is_lost(replica: Replica, tmp_path: Path) -> None:
    """Figures, titles, statuses and dates the same night, narrative and documents in their turn."""
    world, running = replica(programmes=16, seed=8, now=SPRING, layout="today")
    profile = tmp_path / "own.toml"
    profile.write_text(dump_profile(profile_for(world.today.names, from_year=2014)))
    lived = Nights(world, home_for(tmp_path / "home", running, profile=str(profile), **YEAR))
    lived.live(running, 123, 3)
    assert lived.unseen(lived.told_by_api()) == []
    changes = [*lived.changes(closed=False)]
    assert sum(lived.times[0] < at < lived.times[-1] for _, at in changes) > 10
    assert lived.unseen(changes, YEAR["texts_turn_days"]) == []
    assert lived.unseen(lived.changes(closed=True), YEAR["closed_days"]) == []
    assert lived.visits_in_all() < 0.2 * 123 * len([*lived.outlines()])

"""History again: from the archive, the site, or a web archive; and newer truth stays."""

import os
import random
import signal
import subprocess
import sys
from contextlib import closing
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep

import pytest

from extractors.captures import NewCapture
from extractors.fetch.clock import RealClock, StoppedError
from extractors.fetch.throttle import HostThrottle
from flows.backfill import backfill
from flows.crawl.selection import BackfillSelection
from flows.crawl.web_history import open_web_archive
from flows.pipeline.home import Home
from flows.pipeline.intake import Intake
from flows.pipeline.run import open_run
from flows.pipeline.stopping import InterruptedRunError
from flows.settings import Settings, SettingsError
from replica.books.moments import moment
from replica.books.truth import programme_facts
from replica.http import Request
from replica.server.serving import Running
from replica.world import World
from tests.command import Mptf
from tests.flows.pages import factsheet, save
from tests.flows.tables import ask, dump
from tests.processes import PATIENCE
from tests.stand_in import Replica
from warehouse import ledger

NOW = datetime(2024, 4, 20, 3, 7)  # noqa: DTZ001 because every time here is naive UTC
COMMAND = [sys.executable, "-c", "from flows.cli.main import main; main()"]
CAPTURES = "SELECT capture_id, captured_at FROM raw.capture ORDER BY ALL"


@pytest.fixture
def archived(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> tuple[World, Running, str]:
    """A stand-in with a web archive, and a programme of which that has several captures."""
    world, running = replica(programmes=40, seed=3, now=NOW)
    monkeypatch.setenv("MPTF_BASE_URL", running.base_url)
    monkeypatch.setenv("MPTF_WAYBACK_URL", running.base_url)
    monkeypatch.setenv("MPTF_PROCESSES", "0")
    best = max(world.gateway.records.portfolio.outlines, key=lambda o: _held(world, o.programme_id))
    return world, running, best.programme_id


def _held(world: World, programme_id: str) -> int:
    """How many captures of its old factsheet the web archive has."""
    query = f"url=mptf.undp.org/factsheet/project/{programme_id}&filter=statuscode:200"
    answer = world.archive.answer(Request("GET", "/cdx/search/cdx", query, {}), NOW)
    return answer.body.count(b"\n")


def replays(running: Running) -> list[str]:
    return [entry.target for entry in running.log() if entry.target.startswith("/web/")]


@pytest.mark.usefixtures("no_home")
def test_a_dry_run_says_what_would_be_fetched_and_writes_nothing(
    mptf: Mptf, home: Path, archived: tuple[World, Running, str]
) -> None:
    _, running, programme_id = archived
    done = mptf("backfill", programme_id, "--source", "wayback", "--dry-run")
    assert done.exit_code == 0, done.stderr
    assert "captures to take by" in done.stdout
    assert "seconds at the web archive's own rates" in done.stdout
    assert replays(running) == []
    assert not home.exists()


def test_a_web_archive_is_asked_at_its_own_rates(
    home: Path,
    archived: tuple[World, Running, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Its index and its pages each by a rate of its own, whatever the site's is."""
    _, running, programme_id = archived
    monkeypatch.delenv("MPTF_WAYBACK_INDEX_DELAY")
    monkeypatch.delenv("MPTF_WAYBACK_REPLAY_DELAY")
    opened = Home(Settings(home=home, turnstiles=tmp_path / "turnstiles"))
    wanted = BackfillSelection([programme_id], "wayback", since=date(2019, 1, 1))
    clock = _RequestTimes(running)
    with open_run(opened, wanted.command, NOW) as run:
        backfill(run, wanted, clock=clock)
    for prefix, apart in (("/cdx/", 1.25), ("/web/", 0.125)):
        times = [
            clock.times[number]
            for number, entry in enumerate(running.log())
            if entry.target.startswith(prefix)
        ]
        assert len(times) >= 2
        assert min(later - earlier for earlier, later in pairwise(times)) > apart - 0.001


class _RequestTimes:
    """A clock that only sleeping moves, and when each request was sent by it."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._time = 1000.0
        self.times: dict[int, float] = {}

    def now(self) -> float:
        return self._time

    def sleep(self, seconds: float) -> None:
        """Move, before a request."""
        self._time += max(0.0, seconds)
        self.times[len(self._running.log())] = self._time


@pytest.mark.parametrize("delay", [0, 0.5])
def test_a_web_archive_is_throttled_whatever_delay_is_set_for_the_site(
    delay: float, tmp_path: Path
) -> None:
    """The site may be a stand-in."""
    given = Settings(home=tmp_path, shortest_delay=delay, turnstiles=tmp_path / "turnstiles")
    with open_web_archive(given, RealClock()) as web:
        assert isinstance(web._index_limiter, HostThrottle)
        assert isinstance(web._replay_limiter, HostThrottle)


@pytest.mark.parametrize("setting", ["wayback_index_delay", "wayback_replay_delay"])
def test_a_web_archive_elsewhere_is_not_asked_without_a_delay(setting: str, tmp_path: Path) -> None:
    given = Settings(home=tmp_path, turnstiles=tmp_path).model_copy(update={setting: 0.0})
    with pytest.raises(SettingsError, match=setting), open_web_archive(given, RealClock()):
        pass


def test_a_capture_whose_time_was_corrected_is_known_by_the_time_that_the_web_archive_lists(
    tmp_path: Path,
) -> None:
    """So it is not fetched again by every backfill."""
    page = "15 Jun 2016 1:05 PM GMT\n" + factsheet(figures={("FAO", 2014): "7"})
    url, listed = "https://mptf.undp.org/factsheet/project/00090001", datetime(2015, 1, 1)  # noqa: DTZ001 because every time here is naive UTC
    with open_run(Home(Settings(home=tmp_path, processes=0)), "backfill", NOW) as run:
        with closing(Intake(run)) as intake:
            intake.add([NewCapture(url, listed, "memento", "wayback", page.encode(), 200)])
            intake.load_all()
        assert run.con.execute("SELECT captured_at_source FROM raw.capture").fetchall() == [
            ("page_clock",)
        ]
        assert ledger.times_captured(run.con, "00090001", "wayback") == {(url, listed)}


def test_the_tables_hold_what_the_site_showed_at_each_time_that_the_web_archive_has(
    mptf: Mptf, home: Path, archived: tuple[World, Running, str]
) -> None:
    """Every annual figure of every replayed factsheet is in a vintage that begins by then."""
    world, _, programme_id = archived
    done = mptf("backfill", programme_id, "--source", "wayback")
    assert done.exit_code == 0, done.stderr
    records = world.gateway.records
    outline = records.portfolio.by_id[programme_id]
    times = ask(
        home / "warehouse.duckdb",
        "SELECT DISTINCT captured_at FROM raw.capture WHERE page_kind = 'programme_factsheet'",
    )
    assert len(times) > 2
    checked = 0
    for (at,) in times:
        assert isinstance(at, datetime)
        for key, value in programme_facts(records, outline, moment(at)).items():
            fact = dict(key)
            if fact["kind"] != "figure" or fact["page"] != "factsheet":
                continue
            if fact["measure"] != "expenditure" or fact["grain"] != "organization_year":
                continue
            found = ask(
                home / "warehouse.duckdb",
                "SELECT count(*) FROM core.expenditure_snapshot"  # noqa: S608 because the values are the books' own
                f" WHERE fiscal_year = {fact['fiscal_year']} AND expenditure_usd = {value}"
                f" AND known_from <= TIMESTAMP '{at}' AND last_seen >= TIMESTAMP '{at}'",
            )
            assert found[0] >= (1,)
            checked += 1
    assert checked > 5


def test_a_backfill_again_asks_for_nothing_that_is_here(
    mptf: Mptf, home: Path, archived: tuple[World, Running, str]
) -> None:
    _, running, programme_id = archived
    mptf("backfill", programme_id, "--source", "wayback")
    before, captures = dump(home / "warehouse.duckdb"), ask(home / "warehouse.duckdb", CAPTURES)
    running.clear_log()
    again = mptf("backfill", programme_id, "--source", "wayback")
    assert again.exit_code == 0
    assert replays(running) == []
    assert dump(home / "warehouse.duckdb") == before
    assert ask(home / "warehouse.duckdb", CAPTURES) == captures


def test_a_backfill_asks_for_nothing_that_was_forgotten(
    mptf: Mptf, home: Path, archived: tuple[World, Running, str]
) -> None:
    _, running, programme_id = archived
    mptf("backfill", programme_id, "--source", "wayback")
    captures = [str(key) for key, _ in ask(home / "warehouse.duckdb", CAPTURES)]
    assert mptf("forget", *captures).exit_code == 0
    running.clear_log()
    assert mptf("backfill", programme_id, "--source", "wayback").exit_code == 0
    assert replays(running) == []


def test_a_backfill_never_replaces_newer_truth(
    mptf: Mptf, home: Path, archived: tuple[World, Running, str]
) -> None:
    """The site first and its past afterwards, or the other way round: the same tables."""
    _, _, programme_id = archived
    now = ("backfill", programme_id, "--source", "gateway")
    past = ("backfill", programme_id, "--source", "wayback")
    mptf(*now)
    newest = (
        "SELECT programme_id, organization, fiscal_year, expenditure_usd"
        " FROM mart.expenditure_current"
    )
    current = ask(home / "warehouse.duckdb", newest)
    assert current
    mptf(*past)
    both = dump(home / "warehouse.duckdb")
    assert set(current) <= set(ask(home / "warehouse.duckdb", newest))
    other = home.parent / "other"
    mptf("--home", str(other), *past)
    mptf("--home", str(other), *now)
    assert dump(other / "warehouse.duckdb") == both
    assert len(both["core.expenditure_snapshot"]) > len(current)


def test_since_and_until_bound_what_is_taken(
    mptf: Mptf, home: Path, archived: tuple[World, Running, str]
) -> None:
    _, _, programme_id = archived
    mptf("backfill", programme_id, "--source", "wayback",
         "--since", "2012-01-01", "--until", "2018-12-31")  # fmt: skip
    ((first, last),) = ask(
        home / "warehouse.duckdb", "SELECT min(captured_at), max(captured_at) FROM raw.capture"
    )
    assert "2012-01-01" <= str(first) <= str(last) < "2019"


@pytest.mark.parametrize(
    ("until", "captures"), [("2015-12-31", 1), ("2015-12-31T09:00:00Z", 0), ("2015-12-30", 0)]
)
def test_the_day_until_which_the_past_is_wanted_is_in_it(
    until: str, captures: int, mptf: Mptf, tmp_path: Path
) -> None:
    page = save(tmp_path, "page.txt", factsheet())
    mptf("ingest", page, "--captured-at", "2015-12-31T23:59:59Z")
    planned = mptf("backfill", "90001", "--dry-run", "--since", "2015-12-31", "--until", until)
    assert f"of {captures} capture" in planned.stdout


def test_from_the_archive_everything_is_read_again_offline(
    mptf: Mptf, home: Path, archived: tuple[World, Running, str]
) -> None:
    _, running, programme_id = archived
    mptf("backfill", programme_id, "--source", "wayback")
    before = dump(home / "warehouse.duckdb")
    running.clear_log()
    done = mptf("backfill", programme_id)
    assert done.exit_code == 0, done.stderr
    assert running.log() == []
    assert dump(home / "warehouse.duckdb") == before
    planned = mptf("backfill", programme_id, "--dry-run", "--until", "2015-01-01")
    assert f"programme {programme_id}: " in planned.stdout
    missing = mptf("backfill", "99999999")
    assert missing.exit_code == 3
    assert "the archive holds no capture of it" in missing.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--source", "gateway", "--since", "2012-01-01"),
        ("--source", "gateway", "--fund", "MDG00"),
        ("--source", "archive", "--base-url", "http://127.0.0.1:1"),
        ("--source", "elsewhere"),
    ],
)
def test_options_that_mean_nothing_together_are_wrong_usage(
    mptf: Mptf, options: tuple[str, ...]
) -> None:
    assert mptf("backfill", "67193", *options).exit_code == 2


def test_only_the_same_past_is_gone_on_with() -> None:
    """Runs that want other programmes, times or addresses are known by other commands."""
    day, ids = date(2015, 12, 31), ["00067193"]
    all_wanted = [
        BackfillSelection(ids, "wayback"),
        BackfillSelection(ids, "gateway"),
        BackfillSelection(["00067194"], "wayback"),
        BackfillSelection(ids, "wayback", since=day),
        BackfillSelection(ids, "wayback", until=day),
        BackfillSelection(ids, "wayback", base_url="https://archive.example"),
        BackfillSelection(ids, "gateway", base_url="https://gateway.example"),
    ]
    assert len({wanted.command for wanted in all_wanted}) == len(all_wanted)
    until_its_end = BackfillSelection(ids, "wayback", until=datetime.combine(day, time(23, 59, 59)))
    assert BackfillSelection(ids, "wayback", until=day).command == until_its_end.command


def test_a_web_archive_that_is_not_there_is_said_so(
    mptf: Mptf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extractors.fetch.clock.RealClock.sleep", lambda *_: None)
    down = ("--source", "wayback", "--base-url", "http://127.0.0.1:9")
    planned = mptf("backfill", "67193", *down, "--dry-run")
    assert planned.exit_code == 1
    assert "the web archive's index: no connection" in planned.stderr
    done = mptf("backfill", "67193", *down)
    assert done.exit_code == 1
    assert "programme 00067193: the web archive's index: no connection" in done.stderr


def test_what_no_web_archive_lists_and_no_site_has_is_a_failure(
    mptf: Mptf, archived: tuple[World, Running, str]
) -> None:
    """If it was named: exit code 3, as from the archive here, and nothing to run again."""
    _, _, programme_id = archived
    unknown = mptf("backfill", "99999999", "--source", "wayback")
    assert unknown.exit_code == 3
    why = "failed: programme 99999999: the web archive lists no page of it"
    assert why in unknown.stderr
    assert "again later" not in unknown.stderr
    none = mptf("backfill", programme_id, "--source", "wayback", "--until", "2001-01-01")
    assert none.exit_code == 3
    assert "lists no page of it between these times" in none.stderr
    gone = mptf("backfill", "99999999", "--source", "gateway")
    assert gone.exit_code == 3
    assert "/factsheet/project/99999999: answered 404" in gone.stderr
    assert "again later" not in gone.stderr


def test_a_web_archive_that_stops_answering_is_left_alone(
    mptf: Mptf, home: Path, archived: tuple[World, Running, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each failure was tried five times: three in a row end the run, and what came is loaded."""
    _, running, programme_id = archived
    monkeypatch.setattr("extractors.fetch.clock.RealClock.sleep", lambda *_: None)
    running.set_faults(["500=1@/web/*"])
    done = mptf("backfill", programme_id, "--source", "wayback")
    assert done.exit_code == 1
    assert "stopped answering: 3 requests failed in a row" in done.stderr
    assert len(replays(running)) == 3 * 5
    assert ask(home / "warehouse.duckdb", "SELECT outcome FROM meta.run") == [("failed",)]


class _StoppedTime:
    """A clock that only sleeping moves, until the run is asked to stop while it waits."""

    def __init__(self, sleeps: int) -> None:
        self._left = sleeps
        self._time = 1000.0

    def now(self) -> float:
        return self._time

    def sleep(self, seconds: float) -> None:
        if not self._left:
            raise StoppedError
        self._left -= 1
        self._time += max(0.0, seconds)


def test_what_a_backfill_brought_is_loaded_when_it_is_asked_to_stop_while_it_waits(
    home: Path, archived: tuple[World, Running, str], tmp_path: Path
) -> None:
    """Two requests to the index, two replays, and no third."""
    _, running, programme_id = archived
    opened = Home(
        Settings(
            home=home,
            wayback_index_delay=1.25,
            wayback_replay_delay=0.125,
            turnstiles=tmp_path / "turnstiles",
        )
    )
    wanted = BackfillSelection([programme_id], "wayback")
    with (
        pytest.raises(InterruptedRunError),
        open_run(opened, wanted.command, NOW) as run,
    ):
        backfill(run, wanted, clock=_StoppedTime(sleeps=4))
    assert len(replays(running)) == 2
    assert len(ask(opened.warehouse, CAPTURES)) >= 2
    assert ask(opened.warehouse, "SELECT outcome FROM meta.run") == [("interrupted",)]


@pytest.mark.proof
def test_a_backfill_that_is_killed_goes_on_where_it_was(
    archived: tuple[World, Running, str], tmp_path: Path
) -> None:
    world, _, _ = archived
    ids = [outline.programme_id for outline in world.gateway.records.portfolio.outlines[:12]]
    environment = {**os.environ, "MPTF_BATCH_CAPTURES": "10"}

    def start(home: Path) -> subprocess.Popen[bytes]:
        arguments = [*COMMAND, "--home", str(home), "backfill", *ids, "--source", "wayback"]
        return subprocess.Popen(arguments, env=environment, stderr=subprocess.DEVNULL)

    whole = tmp_path / "whole"
    began = monotonic()
    assert start(whole).wait(PATIENCE) in {0, 3}
    seconds = monotonic() - began
    expected = dump(whole / "warehouse.duckdb")
    moments = random.Random(8)  # noqa: S311 because nothing is secret
    for kill in range(20):
        home = tmp_path / f"killed{kill}"
        run = start(home)
        sleep(moments.uniform(0.4, 1.0) * seconds)
        run.send_signal(signal.SIGKILL)
        run.wait(PATIENCE)
        assert start(home).wait(PATIENCE) in {0, 3}
        assert dump(home / "warehouse.duckdb") == expected


@pytest.mark.proof
def test_a_fund_s_statements_of_earlier_months_come_from_a_web_archive(
    mptf: Mptf, home: Path, archived: tuple[World, Running, str]
) -> None:
    """Each is as the books were at the end of its month, and none is the current one."""
    world, _, _ = archived
    months = [path for path in world.gateway.linked_addresses(NOW) if "fund_status" in path]
    codes = sorted({path.split("/")[3][:5] for path in months})
    dry = mptf("backfill", "--fund", codes[0], "--source", "wayback", "--dry-run")
    assert dry.stdout.startswith(f"fund {codes[0]}: "), dry.stderr
    funds = [word for code in codes[:3] for word in ("--fund", code)]
    done = mptf("backfill", *funds, "--source", "wayback")
    assert done.exit_code == 0, done.stderr
    warehouse = home / "warehouse.duckdb"
    found = ask(
        warehouse,
        "SELECT fund_code, statement_month, as_of, amount_usd FROM core.funding_status"
        " WHERE line = 'contributions' AND statement_month <> '(current)'",
    )
    assert len(found) > 3
    records = world.gateway.records
    for code, month, as_of, amount in found:
        assert isinstance(as_of, datetime)
        assert f"{as_of:%Y-%m}" == month
        fund = records.portfolio.by_code[str(code)]
        statement = records.fund(fund, moment(as_of) + 1).statement
        lines = {line.label: line.value for line in statement[0].lines}
        assert amount == lines["Contributions from Donors"]
    programmes = ask(warehouse, "SELECT count(DISTINCT programme_id) FROM core.programme")
    assert programmes[0] > (0,)
    again = mptf("backfill", *funds)
    assert again.exit_code in {0, 3}, again.stderr
    assert f"fund {codes[0]}" not in again.stderr

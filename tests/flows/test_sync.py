"""One night's work: what it finds, what it asks, what it says of what it could not do."""

import fcntl
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pytest
from warcio.archiveiterator import ArchiveIterator

from extractors.ids import programme_id_of
from flows.crawl.selection import BackfillSelection, Selection
from replica.server.serving import Running, serving
from replica.world import open_world
from tests.command import COMMAND, Mptf, run_mptf
from tests.flows.nights import SITE, home_for, night
from tests.flows.syncs import flat_out, targets
from tests.flows.tables import ask, rows_of
from tests.processes import PATIENCE, eventually, killed_after
from tests.stand_in import Replica
from warehouse.connection import open_reader
from warehouse.visits import known_programmes

NOW = datetime(2016, 4, 20, 3, 7)  # noqa: DTZ001 because every time here is naive UTC


@pytest.fixture(scope="session")
def synced_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home after `mptf sync` from the stand-in of `site`. Copy it before writing."""
    home = tmp_path_factory.mktemp("synced") / "home"
    with (
        serving(open_world(7, 24), now=NOW, seed=7, faults=()) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in flat_out(running).items():
            patch.setenv(name, value)
        assert run_mptf(home, "sync").exit_code == 0
    return home


@pytest.fixture
def synced(synced_home: Path, home: Path) -> None:
    """Make the test's home a copy of the one that was synced once."""
    shutil.copytree(synced_home, home, dirs_exist_ok=True)


@pytest.fixture
def site(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> Running:
    """A stand-in of 24 programmes, which `mptf sync` asks."""
    _, running = replica(programmes=24, seed=7)
    for name, value in flat_out(running).items():
        monkeypatch.setenv(name, value)
    return running


def test_a_sync_finds_everything_and_asks_for_each_address_once(
    mptf: Mptf, home: Path, site: Running
) -> None:
    done = mptf("sync")
    assert done.exit_code == 0, done.stderr
    asked = Counter(targets(site))
    assert set(asked.values()) == {1}
    assert {"/robots.txt", "/portfolio/fund", "/portfolio/agency", "/portfolio/donor"} <= set(asked)
    listed = ask(
        home / "warehouse.duckdb",
        "SELECT DISTINCT programme_id FROM observed.listing WHERE programme_id IS NOT NULL",
    )
    assert len(listed) > 10
    assert {f"/factsheet/project/{key}" for (key,) in listed} <= set(asked)
    assert any("?vouchers=2" in target for target in asked)
    assert "unchanged 0, quarantined 0, failed 0" in done.stderr


def test_every_answer_that_came_whole_is_in_the_archive(
    replica: Replica, mptf: Mptf, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """robots.txt, redirects and errors too, each under its address; none of these is a capture."""
    faults = ("404=0.1", "500=0.1", "503=0.2", "login=0.1", "redirect_away=0.1")
    _, running = replica(programmes=24, seed=7, faults=faults)
    for name, value in flat_out(running).items():
        monkeypatch.setenv(name, value)
    done = mptf("sync")
    assert done.exit_code == 3, done.stderr
    answered = Counter((entry.target, entry.status) for entry in running.log())
    kept: Counter[tuple[str, int]] = Counter()
    for path in (home / "archive").glob("*.warc.gz"):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                if record.rec_type in {"response", "revisit"}:
                    url = record.rec_headers.get_header("WARC-Target-URI")
                    status = int(record.http_headers.get_statuscode())
                    kept[url.removeprefix(SITE), status] += 1
    assert kept == answered
    assert {status for _, status in kept} >= {200, 302, 404, 500, 503}
    assert mptf("verify").exit_code == 0


@pytest.mark.usefixtures("synced")
def test_an_unchanged_page_is_a_capture_and_not_sent_again(
    mptf: Mptf, home: Path, site: Running
) -> None:
    before = rows_of(home / "warehouse.duckdb", "core.voucher")
    site.clear_log()
    site.move_to(NOW + timedelta(hours=5))
    mptf("sync", "--all")
    spared = [entry for entry in site.log() if entry.status == 304]
    assert len(spared) > 5
    revisits = "SELECT count(*) FROM raw.capture WHERE http_status = 304 AND unchanged"
    assert ask(home / "warehouse.duckdb", revisits) == [(len(spared),)]
    assert len(rows_of(home / "warehouse.duckdb", "core.voucher")) == len(before)


def test_only_what_was_asked_for_is_visited(mptf: Mptf, site: Running) -> None:
    mptf("sync", "--programme", "60001")
    assert targets(site)[0] == "/robots.txt"
    assert all("00060001" in target for target in targets(site)[1:])
    site.clear_log()
    assert mptf("sync", "--fund", "nope").exit_code == 2
    assert mptf("sync", "--limit", "2").exit_code == 0
    programmes = {t.partition("?")[0] for t in targets(site) if "/project/" in t}
    assert len(programmes) == 2


@pytest.mark.parametrize(
    "options",
    [
        ("--programme", "60001", "--fund", "MDG00"), ("--programme", "60001", "--all"),
        ("--year-end", "--all"), ("--year-end", "--fund", "MDG00"),
        ("--year-end", "--programme", "60001"),
    ],
)  # fmt: skip
def test_two_choices_of_programmes_are_wrong_usage(mptf: Mptf, options: tuple[str, ...]) -> None:
    """Neither is passed over in silence."""
    done = mptf("sync", *options)
    assert done.exit_code == 2
    assert "give n" in done.stderr


def test_what_is_chosen_twice_is_visited_once() -> None:
    """In whichever way it was given, and so it is the work of the same command."""
    twice = Selection(programmes=["00060001", "00060002", "00060001"])
    assert twice == Selection(programmes=("00060001", "00060002"))
    assert Selection(funds=["MDG00", "MDG00"]).command == "sync --fund MDG00"
    assert BackfillSelection(["00060001"] * 2).command == BackfillSelection(["00060001"]).command


@pytest.mark.usefixtures("synced")
def test_a_fund_brings_its_programmes_and_no_others(mptf: Mptf, home: Path, site: Running) -> None:
    ((code, count),) = ask(
        home / "warehouse.duckdb",
        "SELECT fund_code, count(*) FROM core.programme GROUP BY 1 ORDER BY 2 LIMIT 1",
    )
    site.clear_log()
    mptf("sync", "--fund", str(code), "--fresh")
    visited = {t.partition("?")[0] for t in targets(site) if "/project/" in t}
    assert len(visited) == count
    assert not [t for t in targets(site) if t.startswith("/portfolio")]
    left = f"SELECT programmes_left FROM meta.run WHERE command = 'sync --fund {code}'"  # noqa: S608 because we made the code
    assert ask(home / "warehouse.duckdb", left) == [(0,)]


def test_a_factsheet_without_its_tables_leads_to_its_excel_views(
    mptf: Mptf, home: Path, site: Running
) -> None:
    """Absent is not zero: the figures come from the view, and nothing says that they are gone."""
    site.set_faults(["no_tables=1"])
    mptf("sync")
    views = [t for t in targets(site) if t.endswith("/figures/excel")]
    assert len(views) > 3
    held = "SELECT count(DISTINCT programme_id) FROM core.expenditure_snapshot"
    assert ask(home / "warehouse.duckdb", held)[0] > (3,)
    gone = "SELECT count(*) FROM core.expenditure_snapshot WHERE no_longer_shown_since IS NOT NULL"
    assert ask(home / "warehouse.duckdb", gone) == [(0,)]
    of_kind = "SELECT count(*) FROM raw.capture WHERE page_kind = 'figures_excel'"
    assert ask(home / "warehouse.duckdb", of_kind) == [(len(views),)]
    site.set_faults([])
    site.clear_log()
    site.move_to(NOW + timedelta(hours=5))
    mptf("sync", "--all")
    factsheets = [e for e in site.log() if e.target.startswith("/factsheet/project/")]
    assert not [entry for entry in factsheets if entry.conditional]
    again = [t for t in targets(site) if t.endswith("/figures/excel")]
    assert len(again) < len(views)  # some have a spell without tables in the books


def some_programmes(home: Path, count: int) -> list[str]:
    """So many with figures, which have been loaded."""
    found = ask(
        home / "warehouse.duckdb",
        "SELECT DISTINCT programme_id FROM mart.expenditure_current ORDER BY 1",
    )
    return [str(programme_id) for (programme_id,) in found[:count]]


_KINDS = {
    "403": "refused", "404": "not_found", "500": "server_error", "503": "busy", "429": "busy",
    "reset": "cut_off", "truncated": "truncated", "bomb": "too_large", "stacked_bomb": "encoding",
    "redirect_loop": "redirect_loop", "redirect_away": "redirect_refused",
}  # fmt: skip
_PASSING = {"busy", "server_error", "cut_off", "truncated", "timeout", "too_slow"}


@pytest.mark.usefixtures("synced")
@pytest.mark.parametrize(
    ("kinds", "step_seconds"), [(_KINDS, 60), ({"timeout": "timeout", "drip": "too_slow"}, 3)]
)
def test_a_page_that_fails_keeps_its_last_known_figures_and_stands_in_the_record(
    mptf: Mptf,
    home: Path,
    site: Running,
    monkeypatch: pytest.MonkeyPatch,
    kinds: dict[str, str],
    step_seconds: int,
) -> None:
    """Each programme's page fails in another way; none of them answers."""
    warehouse, ids = home / "warehouse.duckdb", some_programmes(home, len(kinds))
    before = rows_of(warehouse, "mart.expenditure_current")
    monkeypatch.setenv("MPTF_STEP_SECONDS", str(step_seconds))
    monkeypatch.setenv("MPTF_ANSWER_SECONDS", str(step_seconds + 1))
    monkeypatch.setenv("MPTF_GIVE_UP_AFTER", "100")
    monkeypatch.setenv("MPTF_ATTEMPTS", "2")
    paths = [f"/factsheet/project/{programme_id}" for programme_id in ids]
    site.set_faults(f"{fault}=1@{path}" for fault, path in zip(kinds, paths, strict=True))
    site.clear_log()
    site.move_to(NOW + timedelta(hours=5))
    done = mptf("sync", "-v", *(part for key in ids for part in ("--programme", key)))
    assert done.exit_code == 1
    assert [path for path in paths if f"failed: {SITE}{path}: " not in done.stderr] == []
    pages = f"{len(ids)} pages"
    assert f"\nmptf: everything that was requested failed: {pages}; " in done.stderr
    failed = [
        (SITE + path, kind, programme_id)
        for path, kind, programme_id in zip(paths, kinds.values(), ids, strict=True)
    ]
    assert (
        ask(warehouse, "SELECT subject, kind, programme_id FROM meta.failure ORDER BY 1") == failed
    )
    last = "SELECT captures, failed, outcome FROM meta.run ORDER BY started_at DESC LIMIT 1"
    assert ask(warehouse, last) == [(len(ids), len(ids), "failed")]
    assert rows_of(warehouse, "mart.expenditure_current") == before
    asked = Counter(targets(site))
    assert [asked[path] for path in paths] == [
        3 if kind in _PASSING else 1 for kind in kinds.values()
    ]


@pytest.mark.usefixtures("synced")
def test_a_page_that_is_another_is_set_aside_and_changes_nothing(
    mptf: Mptf, home: Path, site: Running
) -> None:
    faults = ("maintenance", "login", "other_programme")
    ids = some_programmes(home, len(faults))
    before = rows_of(home / "warehouse.duckdb", "mart.expenditure_current")
    site.set_faults(
        f"{fault}=1@/factsheet/project/{key}" for fault, key in zip(faults, ids, strict=True)
    )
    site.move_to(NOW + timedelta(hours=5))
    done = mptf("sync", *(part for key in ids for part in ("--programme", key)))
    assert done.exit_code == 3
    assert "quarantined 3, failed 0" in done.stderr
    assert rows_of(home / "warehouse.duckdb", "mart.expenditure_current") == before


def test_a_failure_that_passes_leaves_no_trace(mptf: Mptf, site: Running) -> None:
    """Half of the answers fail, and asking again is enough for nearly all."""
    faults = ("500", "reset", "503", "truncated")
    site.set_faults(f"{fault}=0.2@/factsheet/project/*" for fault in faults)
    done = mptf("sync")
    hit = Counter(entry.fault for entry in site.log() if entry.fault)
    assert set(hit) == set(faults)
    assert hit.total() > 12
    failed = int(done.stderr.rpartition("failed ")[2].partition(",")[0])
    assert failed <= 4


@pytest.mark.usefixtures("synced")
def test_a_list_that_ends_early_marks_the_run_incomplete_and_ends_nothing(
    mptf: Mptf, home: Path, site: Running
) -> None:
    known = ask(home / "warehouse.duckdb", "SELECT count(*) FROM mart.programme_current")
    site.set_faults(["short_list=1"])
    site.move_to(NOW + timedelta(hours=5))
    done = mptf("sync", "--all")
    assert done.exit_code == 3
    assert f"incomplete: {SITE}/factsheet/fund/" in done.stderr
    assert "the time before" in done.stderr
    because = "SELECT incomplete_because FROM meta.run WHERE command = 'sync --all'"
    assert "the time before" in str(ask(home / "warehouse.duckdb", because))
    assert ask(home / "warehouse.duckdb", "SELECT count(*) FROM mart.programme_current") == known
    visited = {t.partition("?")[0] for t in targets(site) if "/project/" in t}
    assert len(visited) >= int(str(known[0][0]))


def test_a_list_of_which_a_page_is_missing_marks_the_run_incomplete(
    replica: Replica, tmp_path: Path
) -> None:
    _, running = replica(programmes=600, seed=5)
    home = home_for(tmp_path / "home", running)
    night(home, running, limit=1)
    paged = [target for target in targets(running) if "?page=2" in target]
    assert paged
    running.set_faults([f"404=1@{paged[0].partition('?')[0]}"])
    running.move_to(NOW + timedelta(hours=5))
    _, problems = night(home, running, limit=1, fresh=True)
    assert any(problem.startswith("failed:") for problem in problems)


@pytest.mark.usefixtures("synced")
def test_a_drop_of_figures_marks_the_run_incomplete(mptf: Mptf, site: Running) -> None:
    site.set_faults(["no_tables=0.7"])
    site.move_to(NOW + timedelta(days=300))  # by when nearly every page has changed
    done = mptf("sync", "--all")
    assert done.exit_code == 3
    assert "factsheets show figures, after" in done.stderr


@pytest.mark.usefixtures("synced")
def test_a_site_that_is_down_is_not_asked_on_and_on(mptf: Mptf, home: Path, site: Running) -> None:
    before = rows_of(home / "warehouse.duckdb", "mart.expenditure_current")
    site.set_faults(["500=1"])
    site.clear_log()
    site.move_to(NOW + timedelta(hours=5))
    done = mptf("sync", "--all")
    assert done.exit_code == 1
    assert "\nmptf: the site stopped answering: 25 requests failed in a row" in done.stderr
    assert len(targets(site)) < 70
    assert rows_of(home / "warehouse.duckdb", "mart.expenditure_current") == before


def test_without_robots_nothing_is_asked(mptf: Mptf, home: Path, site: Running) -> None:
    site.set_faults(["500=1@/robots.txt"])
    done = mptf("sync")
    assert done.exit_code == 1
    assert "robots.txt was answered 500; so nothing was requested" in done.stderr
    assert targets(site) == ["/robots.txt"]
    assert ask(home / "warehouse.duckdb", "SELECT outcome FROM meta.run") == [("failed",)]


def test_a_site_elsewhere_is_asked_politely_and_with_a_contact_or_not_at_all(
    mptf: Mptf, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = mptf("sync", "--base-url", "https://gateway.example")
    assert done.exit_code == 2
    assert "MPTF_CONTACT" in done.stderr
    monkeypatch.setenv("MPTF_CONTACT", "ops@example.org")
    done = mptf("sync", "--base-url", "https://gateway.example", "--pace", "0")
    assert done.exit_code == 2
    assert "0 is allowed only for a site on this machine" in done.stderr
    assert mptf("sync", "--base-url", "gateway").exit_code == 2


def test_who_asks_says_so_and_how_to_reach_them(
    mptf: Mptf, site: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPTF_CONTACT", "ops@example.org")
    mptf("sync", "--limit", "1")
    agents = {entry.user_agent for entry in site.log()}
    program = f"mptf-warehouse/{version('mptf-warehouse')}"
    assert agents == {f"{program} (archive of public pages; ops@example.org)"}


def test_an_archive_of_ours_can_be_ingested_elsewhere(
    replica: Replica, mptf: Mptf, tmp_path: Path
) -> None:
    """Two nights' files at once: revisits find their page; non-captures are skipped."""
    _, running = replica(programmes=12, seed=7, faults=("404=0.1", "503=0.1"))
    here_home = home_for(tmp_path / "here", running)
    for night_no in range(2):
        running.move_to(NOW + timedelta(days=20 * night_no))
        night(here_home, running, fresh=True)
    taken = mptf("--home", tmp_path / "there", "ingest", tmp_path / "here" / "archive")
    assert taken.exit_code == 0, taken.stderr
    assert "quarantined 0, failed 0" in taken.stderr
    again = mptf("--home", tmp_path / "there", "ingest", tmp_path / "here" / "archive")
    assert "loaded 0" in again.stderr
    figures = "SELECT programme_id, organization, fiscal_year, basis, known_from, last_seen"
    figures += " FROM core.expenditure_snapshot ORDER BY ALL"
    here, there = (ask(tmp_path / name / "warehouse.duckdb", figures) for name in ("here", "there"))
    assert len(here) > 10
    assert here == there


@pytest.mark.parametrize("count", ["0", "1"])
def test_giving_up_says_what_failed_and_what_was_not_asked(
    count: str, replica: Replica, mptf: Mptf, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once; and what answered badly is not said not to have been asked."""
    _, running = replica(programmes=150, seed=7, faults=("500=1@/factsheet/project/*",))
    more = flat_out(running, MPTF_PROCESSES=count, MPTF_GIVE_UP_AFTER="5")
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    done = mptf("sync")
    assert done.exit_code == 1, done.stderr
    assert done.stderr.count("the site stopped answering") == 1
    query = "SELECT kind, count(*) FROM meta.failure GROUP BY kind"
    kinds = {str(kind): number for kind, number in ask(home / "warehouse.duckdb", query)}
    answered = {entry.target for entry in running.log() if entry.status == 500}
    assert kinds["server_error"] == len(answered)
    assert kinds.keys() <= {"server_error", "not_asked"}
    line = f"not requested after others had failed: {kinds.get('not_asked')} (meta.failure"
    assert done.stderr.count(line) == ("not_asked" in kinds)
    assert ("not_asked" in kinds) or count == "1"  # whose jobs are of many addresses


def test_a_site_that_is_down_at_the_end_is_not_asked_for_all_that_was_put_off(
    replica: Replica, tmp_path: Path
) -> None:
    """What is asked a last time counts among the failures in a row, too."""
    _, running = replica(programmes=24, seed=7, faults=("500=1@/factsheet/project/*[27]",))
    home = home_for(tmp_path / "home", running, attempts=1, give_up_after=2)
    night(home, running)
    answered = Counter(entry.target for entry in running.log() if entry.status == 500)
    failed = "SELECT count(*) FROM meta.failure WHERE kind = 'server_error'"
    assert ask(home.warehouse, failed) == [(len(answered),)]
    assert len(answered) > 2
    assert answered.total() == len(answered) + 2
    ((because,),) = ask(home.warehouse, "SELECT incomplete_because FROM meta.run")
    assert str(because).startswith("the site stopped answering: 2 requests failed in a row")


def test_lists_that_name_no_programme_are_not_the_whole_site(
    replica: Replica, tmp_path: Path
) -> None:
    """Not on the first night either, which has nothing to compare them with."""
    _, running = replica(programmes=2, now=datetime(2004, 1, 5))  # noqa: DTZ001 because every time here is naive UTC
    _, problems = night(home_for(tmp_path / "home", running), running, everything=False)
    assert problems == ["incomplete: the site's lists name no programme"]


def test_a_site_that_refuses_page_after_page_is_left_alone(
    replica: Replica, tmp_path: Path
) -> None:
    """A firewall that takes us for a robot answers 403, and each request more proves it right."""
    _, running = replica(programmes=24, seed=7, faults=("403=1@/factsheet/project/*",))
    home = home_for(tmp_path / "home", running, give_up_after=3)
    _, problems = night(home, running)
    assert sum(entry.status == 403 for entry in running.log()) == 3
    assert problems[-1].startswith("not requested after others had failed: ")
    with closing(open_reader(home.warehouse)) as con:
        assert sum(programme.requested_at is not None for programme in known_programmes(con)) == 3


@pytest.mark.proof
def test_pages_that_a_site_refuses_for_good_do_not_end_every_night(
    replica: Replica, tmp_path: Path
) -> None:
    """They are requested one after the other the next night, and tell nothing new of the site."""
    _, running = replica(programmes=12, seed=7, faults=("403=1@/factsheet/project/*[24578]",))
    home = home_for(tmp_path / "home", running, give_up_after=2)
    for _ in range(3):
        running.clear_log()
        night(home, running)
        running.move_to(running.now + timedelta(days=1))
    assert sum(entry.status == 403 for entry in running.log()) > 2
    ended = "SELECT outcome, programmes_left FROM meta.run ORDER BY started_at"
    assert ask(home.warehouse, ended)[-1] == ("incomplete", 0)


def test_a_failure_stands_until_its_programme_is_fetched_again(
    replica: Replica, tmp_path: Path
) -> None:
    """A sync of something else in between does not clear it."""
    _, running = replica(programmes=12, seed=7)
    home = home_for(tmp_path / "home", running)
    night(home, running)

    def failed() -> list[str]:
        with duckdb.connect(str(home.warehouse), read_only=True) as con:
            return [programme.key for programme in known_programmes(con) if programme.failed]

    first, other = (programme_id_of(t) for t in sorted(
        {t for t in targets(running) if "/project/" in t and "?" not in t})[:2])  # fmt: skip

    def later(**wanted: Any) -> list[str]:
        running.move_to(running.now + timedelta(minutes=5))
        return night(home, running, **wanted)[1]

    running.set_faults([f"500=1@/factsheet/project/{first}"])
    assert later()
    assert failed() == [first]
    running.set_faults([])
    assert later(programmes=[other]) == []
    assert failed() == [first]
    assert later(programmes=[first]) == []
    assert failed() == []


@pytest.mark.usefixtures("synced")
def test_a_second_run_is_refused_with_the_holders_name_or_waits(
    mptf: Mptf, home: Path, site: Running
) -> None:
    with holding(home):
        refused = mptf("sync")
        assert refused.exit_code == 1
        assert "is writing to this home" in refused.stderr
    command = [*COMMAND, "--home", str(home), "sync", "--wait", str(PATIENCE)]
    with ExitStack() as stack:
        held = stack.enter_context(ExitStack())
        held.enter_context(holding(home))
        waiting = stack.enter_context(
            killed_after(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        )
        descriptors = Path(f"/proc/{waiting.pid}/fd")
        lock = (home / "writer.lock").resolve()
        eventually(
            lambda: lock in {file.resolve() for file in descriptors.iterdir()} or None, "open lock"
        )
        time.sleep(1)
        assert waiting.poll() is None
        held.close()
        assert waiting.wait(PATIENCE) == 0


@contextmanager
def holding(home: Path) -> Iterator[None]:
    with (home / "writer.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

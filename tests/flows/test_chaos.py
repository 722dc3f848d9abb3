"""A year of nights on which everything goes wrong, and what must hold after each.

    make chaos                  a year, 30 programmes, of each layout of the site
    CHAOS_SEED=7 CHAOS_NIGHTS=60 CHAOS_PROGRAMMES=30 CHAOS_LAYOUTS=today make chaos

Every night is asked with each of the stand-in's faults at 2%; every fourth is a disaster besides.
After each: the counts add up, the tables hold what was seen last of every row, and no row is gone.
Every month the warehouse must be what its archive gives; at the end, in any order, again, from a
backup of the archive, and as far as it goes from a release.
"""

import io
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from extractors.archive.inputs import CaptureOverrides
from extractors.profiles.write import dump_profile
from flows.ingest import ingest
from flows.pipeline.home import Home
from flows.pipeline.run import open_run
from flows.publish import publish
from flows.rebuilding.rebuild import ArchiveIncompleteError, rebuild_all
from flows.rebuilding.reparse import rebuild_programmes
from flows.rebuilding.verify import verify
from flows.sql import Source, answer
from replica.server.serving import Running
from replica.world import Layout, World
from tests.command import COMMAND
from tests.flows.chaos import (
    Disk,
    disk,
    falsify,
    lost_file,
    rotten_record,
    start,
    tear_archive,
    tear_log,
)
from tests.flows.nights import Notebook, home_for, night
from tests.flows.pages import save
from tests.flows.tables import ask, dump
from tests.flows.todays_notebook import TodaysNotebook
from tests.flows.todays_profile import profile_for
from tests.processes import PATIENCE
from tests.stand_in import Replica
from warehouse.errors import WarehouseError

NEW_SCHEME = datetime(2022, 7, 1)  # noqa: DTZ001 because every time here is naive UTC
SEED = int(os.environ.get("CHAOS_SEED", "1"))
NIGHTS = int(os.environ.get("CHAOS_NIGHTS", "365"))
PROGRAMMES = int(os.environ.get("CHAOS_PROGRAMMES", "30"))
# How long to wait for a site that does not answer: more on a machine that itself answers as late.
STEP_SECONDS = float(os.environ.get("CHAOS_STEP_SECONDS", "0.3"))
OF_NIGHTS = {"profile", "step_seconds", "answer_seconds"}  # settings of every night's process
LAYOUTS = os.environ.get("CHAOS_LAYOUTS", "classic today").split()
DISASTER_EVERY = int(os.environ.get("CHAOS_EVERY", "4"))  # nights
VERIFIED_EVERY = 30  # nights
# What each layout shows, so that it has rows after a year.
TABLES: dict[Layout, tuple[str, ...]] = {
    "classic": ("core.expenditure_snapshot", "core.voucher", "core.programme"),
    "today": (
        "core.expenditure_snapshot", "core.organization_snapshot", "core.contribution_snapshot",
        "core.programme",
    ),
}  # fmt: skip
KEYS = "SELECT DISTINCT programme_id, organization, fiscal_year FROM core.expenditure_snapshot"


class Year:
    """A home under way, what is known of it, and what became of it."""

    def __init__(
        self, home: Home, site: Running, book: Notebook, place: Disk, tables: tuple[str, ...]
    ) -> None:
        self.home, self.site, self.book, self.disk = home, site, book, place
        self.tables = tables
        self.dice = random.Random(SEED)  # noqa: S311 because nothing is secret
        self.injected: Counter[str] = Counter()
        self.survived: Counter[str] = Counter()
        self.seconds: dict[str, float] = defaultdict(float)
        self.requests = 0
        self.rows: set[tuple[object, ...]] = set()
        self.rows_lost = self.kills = 0
        self.night_seconds = 3.0

    def sleep_on(self) -> None:
        """What must hold after every night."""
        self.book.write_down(self.home)
        assert self.book.differences(self.home) == []
        rows = set(ask(self.home.warehouse, KEYS))
        self.rows_lost += len(self.rows - rows)
        self.rows = rows
        assert self.rows_lost == 0
        for entry in self.site.log():
            self.requests += 1
            if entry.fault:
                self.injected[f"site: {entry.fault}"] += 1
                self.survived[f"site: {entry.fault}"] += 1
        self.site.clear_log()

    def begun(self, started_at: datetime | None = None) -> "subprocess.Popen[str]":
        """A night in a process of its own."""
        settings = self.home.settings.model_dump(include=OF_NIGHTS)
        return start(self.site.base_url, self.home.folder, started_at or self.site.now, settings)

    def whole_night(self, started_at: datetime | None = None) -> None:
        """The same command again comes to its end."""
        begun = time.monotonic()
        run = self.begun(started_at)
        out, errors = run.communicate(timeout=PATIENCE)
        self.night_seconds = time.monotonic() - begun
        assert run.returncode == 0, errors[-2000:]
        counts = json.loads(out)
        parts = ("loaded", "unchanged", "quarantined", "failed")
        assert counts["captures"] == sum(counts[part] for part in parts)

    def killed_night(
        self,
        started_at: datetime | None = None,
        when: Callable[[], bool] = lambda: True,
        longest: float = 1,
    ) -> None:
        """SIGKILL, at any moment, or at any after something has come about."""
        run = self.begun(started_at)
        while not when() and run.poll() is None:
            time.sleep(0.005)
        time.sleep(self.dice.uniform(0, longest) * self.night_seconds)
        self.kill(run)

    def kill(self, run: "subprocess.Popen[str]") -> None:
        """End a process and its helpers at once, and count it if it had not come to its end."""
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
        run.communicate(timeout=PATIENCE)
        self.kills += run.returncode == -signal.SIGKILL

    def is_archiving(self) -> bool:
        """Whether a file of the archive is under way."""
        return any(self.home.archive.folder.glob("*.open"))

    def has_log(self) -> bool:
        """Whether the database holds in its log what it did not yet write back."""
        log = self.home.warehouse.with_name(f"{self.home.warehouse.name}.wal")
        return log.exists() and log.stat().st_size > 0


def killed(year: Year) -> bool:
    """SIGKILL at random moments, up to three times, and the same command again."""
    for _ in range(year.dice.randrange(1, 4)):
        year.killed_night()
    year.whole_night()
    return True


def torn_warc(year: Year) -> bool:
    year.killed_night(when=year.is_archiving, longest=0.05)
    torn = tear_archive(year.home, year.dice)
    if torn and year.home.warehouse.exists():
        problems = unless_it_must_be_rebuilt(lambda: verify(year.home, year.site.now))
        assert problems == []
    year.whole_night()
    return torn


def torn_log(year: Year) -> bool:
    """What the log held is in the archive: the next night, or a rebuild, has it again."""
    year.killed_night(when=year.has_log, longest=0.1)
    torn = tear_log(year.home, year.dice)
    if unless_it_must_be_rebuilt(lambda: verify(year.home, year.site.now)) is None:
        rebuild(year.home, year.site.now)
    year.whole_night()
    return torn


def unless_it_must_be_rebuilt(work: Callable[[], list[str]]) -> list[str] | None:
    """What some work finds; None where the file cannot be opened."""
    try:
        return work()
    except WarehouseError as error:
        assert "cannot be opened" in str(error)  # noqa: PT017 because both ends are right
        return None


def full_disk(year: Year) -> bool:
    """A disk with room for a part of the night: one line, and the same command when there is."""
    if not year.disk.own:
        return False
    with year.disk.full(leaving=year.dice.randrange(4_096, 3_000_000)):
        run = year.begun()
        _, errors = run.communicate(timeout=PATIENCE)
    assert run.returncode in {0, 1}, errors
    assert run.returncode == 0 or len(errors.splitlines()) == 1, errors
    year.whole_night()
    return run.returncode == 1


def read_only_folder(year: Year) -> bool:
    if not year.disk.own:
        return False
    with year.disk.read_only():
        run = year.begun()
        _, errors = run.communicate(timeout=PATIENCE)
        assert run.returncode == 1
        assert errors.splitlines() == [errors.strip()]
        assert "Read-only" in errors
    year.whole_night()
    return True


def clock_ahead(year: Year) -> bool:
    """A machine whose clock is a year ahead, and that is killed then."""
    year.killed_night(year.site.now + timedelta(days=400))
    year.whole_night()
    return True


def clock_behind(year: Year) -> bool:
    year.killed_night(year.site.now - timedelta(days=400))
    year.whole_night(year.site.now - timedelta(days=399))
    return True


def two_at_once(year: Year) -> bool:
    """One has the home; the other is refused with its name, or comes when it is done."""
    runs = [year.begun(), year.begun()]
    ended = [(run.communicate(timeout=PATIENCE)[1], run.returncode) for run in runs]
    assert sorted(code for _, code in ended) in ([0, 0], [0, 1]), ended
    refused = [errors for errors, code in ended if code]
    assert all("is writing to this home" in errors for errors in refused)
    return bool(refused)


def corrupt_record(year: Year) -> bool:
    """And a figure that somebody changed: `verify` names both, and nothing else."""
    with rotten_record(year.home, year.dice) as (places, subject):
        programme = falsify(year.home, year.dice, but=subject)
        assert_named([*places, programme], [subject], verify(year.home, year.site.now))
    mend(year, programme)
    year.whole_night()
    return True


def lost_archive_file(year: Year) -> bool:
    """It is named, and nothing is built without it."""
    with lost_file(year.home, year.dice) as name:
        lost = f"{name}: the archive file is missing"
        assert_named([lost], [], verify(year.home, year.site.now))
        with pytest.raises(ArchiveIncompleteError, match="the archive file is missing"):
            rebuild(year.home, year.site.now)
    year.whole_night()
    return True


def killed_rebuild(year: Year) -> bool:
    """The old file or the new one, whole."""
    command = [*COMMAND, "--home", str(year.home.folder), "rebuild"]
    before = dump(year.home.warehouse)
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True, text=True)
    time.sleep(year.dice.uniform(0.5, 1.5) * year.night_seconds)
    year.kill(run)
    assert dump(year.home.warehouse) == before
    year.whole_night()
    return True


def killed_release(year: Year) -> bool:
    """The old release or the new one, whole."""
    publish(year.home, year.site.now, year.site.now.date())
    command = [*COMMAND, "--home", str(year.home.folder), "publish"]
    run = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        text=True,
    )  # fmt: skip
    time.sleep(year.dice.uniform(0.3, 1.2) * year.night_seconds)
    year.kill(run)
    latest = year.home.releases / "latest"
    sums = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=latest, check=False, timeout=PATIENCE
    )  # fmt: skip
    assert sums.returncode == 0
    shutil.rmtree(year.home.releases)
    year.whole_night()
    return True


DISASTERS = (
    killed, torn_warc, torn_log, full_disk, read_only_folder, clock_ahead, clock_behind,
    two_at_once, corrupt_record, lost_archive_file, killed_rebuild, killed_release,
)  # fmt: skip


def rebuild(home: Home, now: datetime, *, reread: bool = False) -> None:
    with rebuild_all(home, now, reread=reread) as run:
        assert run.log.failures == []


def mend(year: Year, programme: str) -> None:
    """What `verify` named is derived anew from the archive, and all is well."""
    with open_run(year.home, "rebuild", year.site.now) as run:
        rebuild_programmes(run, [programme], reread=True)
        assert run.log.failures == []
    assert verify(year.home, year.site.now) == []


def assert_named(planted: list[str], besides: list[str], problems: list[str]) -> None:
    """Each damage is named, and nothing else but what hangs on it."""
    unnamed = [sign for sign in planted if not any(sign in problem for problem in problems)]
    assert unnamed == [], problems
    signs = [*planted, *besides]
    assert [problem for problem in problems if not any(sign in problem for sign in signs)] == []


def profile_of(world: World, folder: Path) -> str:
    """What to ask of the site: of today's, the profile that a probe would write."""
    if world.layout == "classic":
        return "classic"
    return str(save(folder, "own.toml", dump_profile(profile_for(world.today.names))))


@pytest.mark.proof
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_year_on_which_everything_goes_wrong_loses_nothing(
    layout: Layout, replica: Replica, tmp_path: Path
) -> None:
    first = NEW_SCHEME - timedelta(days=NIGHTS // 2)
    world, running = replica(
        programmes=PROGRAMMES, seed=SEED, now=first, faults=("all=0.02",), layout=layout
    )
    notebook = (Notebook if layout == "classic" else TodaysNotebook)(world, running)
    print(f"\n{layout}: seed {SEED}, {NIGHTS} nights, {PROGRAMMES} programmes", flush=True)
    begun = time.monotonic()
    with disk(tmp_path / "disk") as place:
        profile = profile_of(world, tmp_path)
        home = home_for(
            place.folder / "home", running, profile=profile, step_seconds=STEP_SECONDS,
            answer_seconds=2 * STEP_SECONDS,
        )  # fmt: skip
        year = Year(home, running, notebook, place, TABLES[layout])
        coming: list[Callable[[Year], bool]] = []
        for number in range(NIGHTS):
            running.move_to((first + timedelta(days=number)).replace(hour=2))
            since = time.monotonic()
            what = "a night"
            if number and number % DISASTER_EVERY == 0:
                coming = coming or year.dice.sample(DISASTERS, len(DISASTERS))
                disaster = coming.pop()
                what = disaster.__name__.replace("_", " ")
                happened = disaster(year)
                year.injected[what] += happened
                year.sleep_on()
                year.survived[what] += happened
            else:
                counts, _ = night(home, running)
                sums = counts.loaded + counts.unchanged + counts.quarantined + counts.failed
                assert counts.captures == sums
                assert counts.captures > 10
                year.sleep_on()
            if number % VERIFIED_EVERY == VERIFIED_EVERY - 1:
                assert verify(home, running.now) == []
                print(f"{running.now:%Y-%m-%d}: {len(year.rows)} rows,"
                      f" {time.monotonic() - begun:.0f} s", flush=True)  # fmt: skip
            year.seconds[what] += time.monotonic() - since
        since = time.monotonic()
        assert_invariants(year, tmp_path)
        year.seconds["invariants at the end"] += time.monotonic() - since
    print_table(year, time.monotonic() - begun)
    assert year.survived == year.injected


def assert_invariants(year: Year, folder: Path) -> None:
    """Rebuilt equals grown, in any order, again, from a backup, and as far as a release goes."""
    grown = dump(year.home.warehouse)
    assert [table for table in year.tables if not grown[table]] == []
    restored = year.home.changed(home=folder / "restored")
    shutil.copytree(year.home.archive.folder, restored.archive.folder)
    rebuild(restored, year.site.now)
    assert dump(restored.warehouse) == grown
    rebuild(restored, year.site.now, reread=True)
    assert dump(restored.warehouse) == grown

    shuffled = year.home.changed(home=folder / "shuffled")
    shutil.copytree(year.home.archive.folder, shuffled.archive.folder)
    files = sorted(shuffled.archive.folder.glob("*.warc.gz"))
    for number, file in enumerate(year.dice.sample(files, len(files))):
        file.rename(file.with_name(f"mptf-{number:06}.warc.gz"))
    rebuild(shuffled, year.site.now)
    assert dump(shuffled.warehouse) == grown

    with open_run(year.home, "ingest", year.site.now) as run:
        ingest(run, [year.home.archive.folder], CaptureOverrides())
        assert run.counts().loaded == 0
    assert dump(year.home.warehouse) == grown

    with_release = year.home.changed(home=folder / "released")
    publish(year.home, year.site.now, year.site.now.date(), to=with_release.releases)
    grown.pop("core.contact")
    assert dump(with_release.releases / "latest.duckdb") == grown
    answered = io.StringIO()
    query = "SELECT count(*) AS n FROM core.expenditure_snapshot"
    answer(Source(with_release, None, True), query, "csv", answered)
    assert answered.getvalue() == f"n\n{len(grown['core.expenditure_snapshot'])}\n"
    for table in year.tables:
        parquet = with_release.releases / "latest" / f"{table}.parquet"
        with duckdb.connect() as con:
            assert sorted(map(repr, con.sql(f"FROM '{parquet}'").fetchall())) == grown[table]


def print_table(year: Year, seconds: float) -> None:
    print(f"\n{'what':<28} {'injected':>8} {'survived':>8} {'seconds':>8}")
    for what in sorted({*year.injected, *year.seconds}):
        spent = f"{year.seconds[what]:8.0f}" if what in year.seconds else " " * 8
        print(f"{what:<28} {year.injected[what]:>8} {year.survived[what]:>8} {spent}")
    print(f"requests {year.requests}, kills {year.kills}, rows {len(year.rows)},"
          f" rows lost {year.rows_lost}, seconds {seconds:.0f}", flush=True)  # fmt: skip

"""The counts of every command agree: with each other, with the ledger and with what was asked."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from extractors.archive.inputs import CaptureOverrides
from extractors.times import utc_now
from flows.backfill import backfill
from flows.crawl.selection import BackfillSelection, Selection
from flows.ingest import ingest
from flows.pipeline.home import Home
from flows.pipeline.outcome import DONE, Outcome
from flows.pipeline.report import Report, record_of, summary_line
from flows.pipeline.run import Run, open_run
from flows.rebuilding.rebuild import rebuild_all
from flows.rebuilding.reparse import retry
from flows.scheduled.reporting import table_of
from flows.sync import sync
from replica.server.serving import Running
from tests.command import Mptf, run_mptf
from tests.flows.nights import SiteTime, home_for
from tests.flows.pages import factsheet, save
from tests.flows.tables import ask
from tests.homes import with_warehouse
from tests.stand_in import Replica
from warehouse.runs import Counts

FAULTS = ("404=0.3", "503=0.6", "maintenance=0.3", "no_tables=0.3", "truncated=0.5", "reset=0.5")
COMMANDS = ("sync", "ingest", "backfill", "retry", "rebuild")
FILES = ("good", "bad row", "no page", "empty")
WAITING = (
    "SELECT count(*) FROM raw.capture SEMI JOIN"
    " (FROM meta.quarantine WHERE resolved_at IS NULL) AS q USING (parse_key)"
)


def test_a_limit_of_8_visits_8_programmes(replica: Replica, mptf: Mptf) -> None:
    """Captures are more, because lists, funds and further pages are captures too."""
    _, running = replica(programmes=30)
    done = mptf("sync", "--base-url", running.base_url, "--limit", "8", "--json")
    told = json.loads(done.stdout)
    assert told["programmes"]["visited"] == 8 < told["programmes"]["due"]
    pages = [entry.target for entry in running.log() if "/project/" in entry.target]
    assert len({page.partition("?")[0] for page in pages}) == 8 < told["captures"]
    left = told["programmes"]["known"] - 8
    due = told["programmes"]["due"]
    assert f"due {due}, visited 8, left for their turn {left}\n" in done.stderr
    coverage = json.loads(mptf("status", "--json").stdout)["coverage"][0]
    assert coverage["programmes_known"] == told["programmes"]["known"]
    assert coverage["programmes"] == 8


class Operator:
    """Somebody who runs commands on a home, and knows how much each was to take."""

    def __init__(self, home: Home, running: Running) -> None:
        self.home = home
        self.running = running
        self._numbers = count(1)

    def runs(self, command: str, fault: str, files: Sequence[str]) -> None:
        """Run a command; its counts are those of what it was to take."""
        match command:
            case "sync":
                self._sync(fault)
            case "ingest":
                folder = self._saved(files)
                self._does(
                    "ingest", lambda run: ingest(run, [folder], CaptureOverrides()), len(files)
                )
            case "backfill":
                chosen = BackfillSelection(["99999999"], funds=["ZZZZZ"])
                self._does("backfill", lambda run: backfill(run, chosen), 2)
            case "retry":
                self._does("quarantine retry", lambda run: retry(run, []), self._count(WAITING))
            case "rebuild":
                asked = self._count("SELECT count(*) FROM raw.capture")
                self._check(rebuild_all(self.home, utc_now()), lambda _: None, asked)

    def _sync(self, fault: str) -> None:
        """Visit the site a day later, with a fault.

        A programme that is not found is asked for at its other URL too, and is one page.
        """
        site = self.running
        site.move_to(site.now + timedelta(days=1))
        site.set_faults([fault])
        site.clear_log()
        chosen = Selection(everything=True, fresh=True)
        opened = open_run(self.home, "sync", site.now)
        told = self._check(opened, lambda run: sync(run, chosen, SiteTime(site)), None)
        targets = {entry.target.removeprefix("/factsheet") for entry in site.log()}
        assert told["captures"] == len(targets - {"/robots.txt"}), targets
        captured = f"SELECT count(*) FROM raw.capture WHERE run_id = '{told['run_id']}'"  # noqa: S608 because the ID is ours
        assert told["captures"] - told["failed"] == self._count(captured)

    def _does(self, command: str, work: Callable[[Run], object], asked: int) -> None:
        self._check(open_run(self.home, command, utc_now()), work, asked)

    def _check(
        self,
        opened: AbstractContextManager[Run],
        work: Callable[[Run], object],
        asked: int | None,
    ) -> dict[str, Any]:
        """Run something; check what it tells, and return that."""
        with opened as run:
            work(run)
        told = record_of(run, 1.0)
        counts = Counts(*(told[name] for name in Counts._fields))
        parts = (counts.loaded, counts.unchanged, counts.quarantined, counts.failed)
        assert counts.captures == sum(parts)
        assert min(parts) >= 0
        assert asked is None or counts.captures == asked, (told, asked)
        kinds = [failure["kind"] for failure in told["failures"]]
        assert counts.failed == len(kinds) - kinds.count("cut_short")
        failures = f"SELECT count(*) FROM meta.failure WHERE run_id = '{run.run_id}'"  # noqa: S608 because the ID is ours
        assert self._count(failures) == len(kinds)
        is_whole = not (
            counts.quarantined or counts.rows_quarantined or kinds or run.log.incomplete
        )
        assert (told["outcome"] == "done") == is_whole
        return told

    def _count(self, query: str) -> Any:
        return ask(self.home.warehouse, query)[0][0]

    def _saved(self, kinds: Sequence[str]) -> Path:
        """Save new files: good ones, ones with a bad row, ones that are no pages, empty ones."""
        folder = self.home.folder.parent / f"files {next(self._numbers)}"
        for kind in kinds:
            number = next(self._numbers)
            figures = {("FAO", 2015): "1,2,3" if kind == "bad row" else str(number)}
            page = factsheet(f"{number:08}", figures=figures)
            text = {"no page": f"<html>Shop {number}", "empty": ""}.get(kind, page)
            save(folder, f"{number}.html", text)
        return folder


@pytest.mark.parametrize("sequences", [1, pytest.param(10, marks=pytest.mark.proof)])
def test_counts_agree_over_any_sequence_of_commands(
    sequences: int, replica: Replica, tmp_path: Path
) -> None:
    """Captures are loaded, unchanged, quarantined or failed, and as many as there were to take."""
    _, running = replica(programmes=3)

    @given(
        commands=st.permutations(COMMANDS),
        fault=st.sampled_from(FAULTS),
        files=st.lists(st.sampled_from(FILES), min_size=1, max_size=4),
    )
    @settings(
        max_examples=sequences,
        phases=[Phase.generate],  # to make a failure simpler would take minutes
        suppress_health_check=list(HealthCheck),
    )
    def holds(commands: list[str], fault: str, files: list[str]) -> None:
        with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
            home = with_warehouse(Path(folder) / "home")
            operator = Operator(home_for(home, running), running)
            for command in ("sync", *commands):
                operator.runs(command, fault, files)

    holds()


def test_prefect_and_status_tell_the_same_counts_as_the_summary(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    page = save(tmp_path, "p.html", factsheet(figures={("FAO", 2015): "1,2,3"}))
    done = mptf("ingest", page, "--captured-at", "2016-01-01", "--json")
    told = json.loads(done.stdout)
    counts = Counts(*(told[name] for name in Counts._fields))
    assert summary_line(counts, told["seconds"]) in done.stderr
    assert "(1 row set aside)" in done.stderr
    report = Report(Outcome(DONE), counts, told["seconds"], [], [], [], Counter())
    in_prefect = {row["what"]: row["count"] for row in table_of(report)}
    names = {"rows_quarantined": "rows set aside"}
    assert counts._asdict() == {name: in_prefect[names.get(name, name)] for name in Counts._fields}
    (run,) = json.loads(run_mptf(home, "status", "--json").stdout)["runs"]
    assert run == {name: told.get(name) for name in run}

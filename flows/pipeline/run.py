"""One run of a command that writes: the lock, the recovered archive, the connection, the record."""

import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from extractors import times
from extractors.errors import MptfError
from extractors.fetch.clock import StoppedError
from extractors.fetch.errors import FailureKind
from extractors.ids import programme_id_of
from flows.pipeline.home import Home, retry_while_busy
from flows.pipeline.outcome import DONE, INCOMPLETE, Outcome, outcome_of
from flows.pipeline.parse import BodyParser, InlineParser
from flows.pipeline.stopping import CutShortError, InterruptedRunError, StopRequest
from flows.terminal import counted
from warehouse import ledger, runs
from warehouse.connection import Connection, Writer, WriterLimits
from warehouse.errors import DatabaseError, WarehouseBusyError
from warehouse.schema import prepare

utc_now = times.utc_now


@dataclass
class RunLog:
    """What a run records on its way.

    Attributes:
        capture_outcomes: of each capture, whether the run loaded new content from it.
        made: the time over which these captures were made.
        counts_all: whether the run counts every capture of its file instead, as a rebuild does: of
            many millions, not even the IDs are held in memory.
        failures: captures and requests that failed.
        incomplete: why the run cannot have seen everything that it should.
        given_up: why it requested nothing more of the site, if that is so.
        asks_site: whether its captures are requested of a site.
        earlier_runs: the runs whose work it continues.
        notes: lines for the operator.
        bodies_parsed: how many distinct bodies were parsed.
        programmes: how many a sync visited; None for other commands.
        record: its row of `meta.run`, once it has ended.
    """

    capture_outcomes: dict[str, bool] = field(default_factory=dict)
    made: ledger.Period = ledger.NO_TIME
    counts_all: bool = False
    failures: list[runs.Failed] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)
    given_up: str | None = None
    asks_site: bool = False
    earlier_runs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    bodies_parsed: int = 0
    programmes: runs.Programmes | None = None
    record: dict[str, Any] = field(default_factory=dict)
    _times: Counter[tuple[str, str]] = field(default_factory=Counter, init=False)

    def fail(self, subject: str, kind: str, detail: str) -> None:
        """Record something that could not be fetched or loaded, with the kind of its failure.

        A subject that fails again gets a number: two records of an archive may have one URL.
        """
        self._times[subject, kind] += 1
        times = self._times[subject, kind]
        subject = subject if times == 1 else f"{subject} ({times})"
        self.failures.append(runs.Failed(subject, kind, detail, programme_id_of(subject)))


@dataclass(frozen=True)
class Run:
    """What a run needs, and its log.

    Attributes:
        home: the home that the run holds for writing.
        writer: the writer of the warehouse file that it fills.
        run_id: its key in `meta.run`.
        started_at: when it began (naive UTC).
        stop: whether it is to stop, asked to or for a full disk.
        log: what it records.
        parser: what parses the bodies.
        reuses_parses: whether parses of an older file are ready to be taken over.
        derives: whether each load derives what it changes; else everything is derived at the end.
    """

    home: Home
    writer: Writer
    run_id: str
    started_at: datetime
    stop: StopRequest
    log: RunLog = field(default_factory=RunLog)
    parser: BodyParser = field(default_factory=InlineParser)
    reuses_parses: bool = False
    derives: bool = True

    @property
    def con(self) -> Connection:
        """Return the connection to the warehouse file that it fills."""
        return self.writer.con

    def quarantined(self) -> list[ledger.OpenQuarantine]:
        """Return the pages and rows in quarantine, of the captures of this run."""
        if self.captures is None:
            return ledger.open_quarantine(self.con)
        return ledger.quarantine_of(self.con, self.captures, self.log.made)

    @property
    def captures(self) -> list[str] | None:
        """Return the captures of this run; None if they are all of its file."""
        return None if self.log.counts_all else list(self.log.capture_outcomes)

    def counts(self) -> runs.Counts:
        """Return what became of every capture of this run, as the ledger has it."""
        return self._counts_of(self.log.capture_outcomes, self.log.made)

    def outcome(self) -> Outcome:
        """Return how the run ends, by all the work that it did or continued."""
        log = self.log
        earlier, made = runs.captured_by(self.con, log.earlier_runs)
        unanswered = any(one.kind != FailureKind.NOT_FOUND for one in log.failures)
        return outcome_of(
            self._counts_of(earlier | log.capture_outcomes, log.made.joined(made)),
            fail_above=self.home.settings.fail_above, incomplete=[*self.incomplete(), *self._cut()],
            given_up=log.given_up, asks_site=log.asks_site and unanswered,
        )  # fmt: skip

    def incomplete(self) -> list[str]:
        """Return why the run cannot have seen, or put in its place, everything that it should."""
        return [*self.log.incomplete, *self.home.archive.waiting()]

    def _cut(self) -> list[str]:
        """Return how many pages were loaded as far as they go; none if they are whole."""
        cut = sum(failure.kind == runs.CUT_SHORT for failure in self.log.failures)
        return [f"{counted(cut, 'page breaks', 'pages break')} off"] if cut else []

    def _counts_of(self, outcomes: dict[str, bool], made: ledger.Period) -> runs.Counts:
        failed = sum(failure.kind not in runs.CAPTURED for failure in self.log.failures)
        if self.log.counts_all:
            loaded, unchanged, set_aside = ledger.outcomes_of_all(self.con)
            quarantined = ledger.open_quarantine(self.con)
        else:
            states = ledger.capture_states(self.con, list(outcomes), made)
            new = [outcomes[capture] for capture, state in states.items() if state == "loaded"]
            forgotten = list(states.values()).count("forgotten")  # so that nothing changes by them
            loaded, unchanged = sum(new), len(new) - sum(new) + forgotten
            set_aside = len(states) - loaded - unchanged
            quarantined = ledger.quarantine_of(self.con, list(outcomes), made)
        return runs.Counts(
            captures=loaded + unchanged + set_aside + failed,
            loaded=loaded,
            unchanged=unchanged,
            quarantined=set_aside,
            failed=failed,
            rows_quarantined=sum(row.table_name != "raw.capture" for row in quarantined),
        )


@contextmanager
def open_run(home: Home, command: str, now: datetime, *, wait: float = 0) -> Iterator[Run]:
    """Open a run on the working file, after recovering from whatever happened before.

    It starts when it has the home: at `now`, or later by the seconds that it waited.

    Raises:
        HomeBusyError: another process is writing to this home, and still is after `wait` seconds.
        WarehouseBusyError: another process is reading the working file, and still is by then.
        WarehouseVersionError: the working file is of another version of this program.
        DiskFullError: its disk is nearly full.
    """
    until = monotonic() + wait
    with home.writing(command, now, wait=wait) as started_at:
        home.archive.recover()
        with home.archive.if_reached():
            home.archive.look()
        remaining = until - monotonic()
        with run_on(home, home.warehouse, command, started_at, wait=remaining) as run:
            home.sweep()  # before the disk is judged: what is left there may have filled it
            run.stop.check()
            with home.archive.if_reached():
                home.archive.fetch(_unread(run), between=run.stop.check)
            yield run


def _unread(run: Run) -> list[str]:
    """Return the archive files of which the ledger lacks something."""
    archive, indexed = run.home.archive, ledger.indexed_bytes(run.con)
    return [name for name in archive.files() if archive.size(name) > indexed.get(name, 0)]


@contextmanager
def run_on(
    home: Home, file: Path, command: str, now: datetime, *, wait: float = 0
) -> Iterator[Run]:
    """Open a run that fills one warehouse file; the caller holds the home for writing.

    The run's record is closed with its outcome: done, incomplete (something was quarantined or
    failed), interrupted, or failed (with the reason). A killed run stays `running`.

    Raises:
        WarehouseBusyError: another process is reading the file, and still is after `wait` seconds.
        WarehouseVersionError: the file is of another version of this program.
    """
    disks = [home.folder, home.archive.folder]
    stop = StopRequest(disks, home.settings.min_free_mb, lambda: home.lost_lease)
    limits = WriterLimits(home.settings.writer_memory, home.settings.writer_threads)
    writer = retry_while_busy(lambda: Writer(file, limits), WarehouseBusyError, wait)
    try:
        prepare(writer.con)
        run = Run(home, writer, f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}", now, stop)
        runs.begin_run(run.con, run.run_id, command, now)
        with run.stop.listening(), _recorded(run):
            yield run
    finally:
        writer.close()


@contextmanager
def _recorded(run: Run) -> Iterator[None]:
    """Close the run's record when the block ends."""
    try:
        yield
    except (InterruptedRunError, StoppedError) as stopped:
        error = run.stop.error()
        if isinstance(error, CutShortError):
            _end(run, "failed", _in_a_line(error))
        else:
            _end(run, "interrupted")
        raise error from stopped
    except BaseException as error:
        try:
            _end(run, "failed", _in_a_line(error))
        except DatabaseError as second:
            error.add_note(f"the run's record could not be closed: {second}")
        raise
    ended = run.outcome()
    few = ended.ending in {DONE, INCOMPLETE}  # then the counts say enough, but for short lists
    _end(run, str(ended.ending.recorded), None if few else ended.reason)


def _end(run: Run, outcome: str, because: str | None = None) -> None:
    """Record how the run ended, and why it did not see everything."""
    runs.end_run(
        run.con, run.run_id, utc_now(), outcome, run.counts(), run.log.failures,
        because or "; ".join(run.incomplete()) or None,
        run.log.programmes,
    )  # fmt: skip
    run.log.record = runs.run_record(run.con, run.run_id)


def _in_a_line(error: BaseException) -> str:
    """Return what an error says, in one line; the class of one that is not expected."""
    text = " ".join(str(error).split())
    return text if isinstance(error, MptfError) else f"{type(error).__name__}: {text}"

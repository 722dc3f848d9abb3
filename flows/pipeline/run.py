"""One run of a command that writes: the lock, the archive set right, the connection, the record."""

import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import FrameType

from extractors.errors import MptfError
from extractors.fetch.clock import StoppedError
from extractors.ids import programme_id_of
from flows.pipeline.home import Home, retry_while_busy
from flows.pipeline.parse import Reader, ReadHere
from warehouse import ledger
from warehouse.connection import Connection, WriterLimits, open_writer
from warehouse.errors import WarehouseBusyError
from warehouse.schema import prepare


def utc_now() -> datetime:
    """The time, in naive UTC, cut to whole seconds."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


class InterruptedRunError(MptfError):
    """The run was asked to stop, and did so after the batch in hand."""

    hint = "stopped as asked, after the batch in hand: run the same command again to go on"


class Stop:
    """Whether the run was asked to stop (SIGINT, SIGTERM); a second signal stops it at once."""

    def __init__(self) -> None:
        self._asked = False

    @property
    def asked(self) -> bool:
        """Whether the run was asked to stop."""
        return self._asked

    def check(self) -> None:
        """Call between batches.

        Raises:
            InterruptedRunError: the run was asked to stop.
        """
        if self._asked:
            raise InterruptedRunError

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals while the block runs."""
        before = {
            number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True


@dataclass
class Run:
    """A run under way, and what became of the captures that it met.

    `met` says of each capture whether this run loaded new content from it, `bodies_read` how many
    distinct bodies the parser read. `incomplete` are the reasons why it cannot have seen all that
    it should. `staged` says that readings of an older file are set ready.
    """

    home: Home
    con: Connection
    run_id: str
    started_at: datetime
    stop: Stop = field(default_factory=Stop)
    met: dict[str, bool] = field(default_factory=dict)
    failures: list[ledger.Failed] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)
    reader: Reader = field(default_factory=ReadHere)
    notes: list[str] = field(default_factory=list)
    bodies_read: int = 0
    staged: bool = False

    def fail(self, subject: str, kind: str, detail: str) -> None:
        """Something that could not be taken at all, what went wrong, and the same in words."""
        self.failures.append(ledger.Failed(subject, kind, detail, programme_id_of(subject)))

    def miss(self, why: str) -> None:
        """The run did not see all that it should have."""
        self.incomplete.append(why)

    def outcome(self, counts: ledger.Counts) -> str:
        """How a run that comes to its end with these counts has ended: done, or incomplete."""
        bad = counts.quarantined or counts.failed or counts.rows_quarantined or self.incomplete
        return "incomplete" if bad else "done"

    def set_aside(self) -> list[ledger.OpenQuarantine]:
        """What is in quarantine of the captures met, whole pages and rows."""
        return ledger.open_quarantine(self.con, list(self.met))

    def counts(self) -> ledger.Counts:
        """What became of every capture met, by the ledger itself."""
        states = ledger.capture_states(self.con, list(self.met))
        loaded = [self.met[capture] for capture, state in states.items() if state == "loaded"]
        quarantined = len(states) - len(loaded)
        rows = [row for row in self.set_aside() if row.table_name != "raw.capture"]
        return ledger.Counts(
            captures=len(states) + len(self.failures),
            loaded=sum(loaded),
            unchanged=len(loaded) - sum(loaded),
            quarantined=quarantined,
            failed=len(self.failures),
            rows_quarantined=len(rows),
        )


@contextmanager
def open_run(home: Home, command: str, now: datetime, *, wait: float = 0) -> Iterator[Run]:
    """A run on the working file, set right after whatever happened before.

    It begins when it has the home: at `now`, or as long after it as it waited.

    Raises:
        HomeBusyError: another process is writing to this home, and still is after `wait` seconds.
        WarehouseBusyError: another process is reading the working file, and still is by then.
        WarehouseVersionError: the working file is of another version of this program.
    """
    until = monotonic() + wait
    with home.writing(command, now, wait=wait) as began:
        home.archive.recover()
        with run_on(home, home.warehouse, command, began, wait=until - monotonic()) as run:
            home.sweep()
            yield run


@contextmanager
def run_on(
    home: Home, file: Path, command: str, now: datetime, *, wait: float = 0
) -> Iterator[Run]:
    """A run that fills one warehouse file; the caller holds the home for writing.

    The record of the run is closed with how it ended: done, incomplete (something was set aside or
    failed), interrupted or failed. A killed run stays `running`.

    Raises:
        WarehouseBusyError: another process is reading the file, and still is after `wait` seconds.
        WarehouseVersionError: the file is of another version of this program.
    """
    room = WriterLimits(home.settings.writer_memory, home.settings.writer_threads)
    con = retry_while_busy(lambda: open_writer(file, room), WarehouseBusyError, wait)
    try:
        prepare(con)
        run = Run(home, con, f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}", now)
        ledger.begin_run(con, run.run_id, command, now)
        with run.stop.listening(), _recorded(run):
            yield run
    finally:
        con.close()


@contextmanager
def _recorded(run: Run) -> Iterator[None]:
    outcome: str | None = "failed"
    try:
        yield
        outcome = None  # as its counts say
    except InterruptedRunError:
        outcome = "interrupted"
        raise
    except StoppedError as stopped:
        outcome = "interrupted"
        raise InterruptedRunError from stopped
    finally:
        counts = run.counts()
        ledger.end_run(
            run.con, run.run_id, utc_now(), outcome or run.outcome(counts), counts, run.failures,
            "; ".join(run.incomplete) or None,
        )  # fmt: skip

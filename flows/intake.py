"""Captures into the archive as they come, and from there into the warehouse, batch by batch."""

from collections.abc import Iterable
from datetime import datetime
from types import TracebackType
from typing import NamedTuple, Self

from extractors.archive import ArchivedRecord
from extractors.archive_writer import ArchiveWriter
from extractors.captures import Aside, NewCapture, SeenAgain
from flows.load import Pending, begin, finish
from flows.run import Run
from warehouse import ledger


class Shown(NamedTuple):
    """An address, and the body that it showed."""

    url: str
    body_sha256: str


class Intake:
    """One run's way in. What was added is safe from a kill; `load` puts it into the tables.

    While one batch is being read, the next can be added.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._held: dict[str, tuple[str, datetime]] = {}  # first captures of what is being added
        self._writer = ArchiveWriter(run.home.archive, run.run_id, run.started_at, self._first)
        self._passed_over: list[Shown] = []  # by captures that are loaded already
        self._batch: list[ArchivedRecord] = []
        self._bytes = 0
        self._pending: Pending | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._writer.close()

    def add(self, captures: Iterable[NewCapture | SeenAgain]) -> list[Shown]:
        """Archive some captures; those that are archived already are passed over.

        What comes back are those whose bodies were loaded before: what they say is known.
        """
        by_id = {new.capture_id: new for new in captures}
        if not by_id:
            return []
        times = [new.captured_at for new in by_id.values()]
        con = self._run.con
        known = ledger.known_captures(con, list(by_id), min(times), max(times))
        bodies = [new.body_sha256 for capture_id, new in by_id.items() if capture_id not in known]
        self._held = ledger.first_captures(con, bodies) if bodies else {}
        known_already: list[Shown] = []
        for capture_id in known:
            self._run.met.setdefault(capture_id, False)
            passed_over = by_id[capture_id]
            self._passed_over.append(Shown(passed_over.url, passed_over.body_sha256))
        for capture_id, new in by_id.items():
            if capture_id in known:
                continue
            try:
                capture = self._writer.add(new)
            except KeyError as error:
                self._run.fail(new.url, "body_missing", str(error.args[0]))
                continue
            if capture.body_sha256 in self._held:
                known_already.append(Shown(capture.url, capture.body_sha256))
            body = None if capture.unchanged or isinstance(new, SeenAgain) else new.body
            self._batch.append(ArchivedRecord(capture, body))
            self._bytes += len(body or b"")
        return known_already

    def set_aside(self, answers: Iterable[Aside]) -> None:
        """Archive answers that are no captures."""
        for answer in answers:
            self._writer.add_aside(answer)

    def _first(self, sha256: str) -> tuple[str, datetime] | None:
        return self._held.get(sha256)

    @property
    def is_full(self) -> bool:
        """Whether the batch in hand wants to be loaded."""
        settings = self._run.home.settings
        return len(self._batch) >= settings.batch_captures or self._bytes >= settings.batch_bytes

    def turn(self) -> list[Shown]:
        """Begin to read the batch in hand, and load the one before; what it showed."""
        following = None
        if self._batch:
            self._writer.sync()
            following = begin(self._run, self._batch, self._writer.indexed())
            self._batch, self._bytes = [], 0
        done, self._pending = self._pending, following
        shown, self._passed_over = self._passed_over, []
        if done is not None:
            finish(self._run, done)
            shown += [Shown(r.capture.url, r.capture.body_sha256) for r in done.records]
        return shown

    def load(self) -> list[Shown]:
        """Load everything that was added; what it showed."""
        return self.turn() + self.turn()

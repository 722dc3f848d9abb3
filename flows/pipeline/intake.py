"""Captures into the archive as they come, and from there into the warehouse."""

from collections.abc import Iterable
from datetime import datetime
from types import TracebackType
from typing import Self

from extractors.archive.reader import ArchivedRecord
from extractors.archive.writer import ArchiveWriter
from extractors.captures import NewCapture, NonCapture, RevisitCapture
from flows.pipeline.loader import Loading, ReadPage
from flows.pipeline.run import Run
from warehouse import ledger


class Intake:
    """One run's way in. What was added is safe from a kill; `load` puts it into the tables.

    While some of it is being read, more can be added.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._held: dict[str, tuple[str, datetime]] = {}  # first captures of what is being added
        self._writer = ArchiveWriter(run.home.archive, run.run_id, run.started_at, self._first)
        self._passed_over: list[ReadPage] = []  # by captures that are loaded already
        self._loading = Loading(run)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._writer.close()

    def add(self, captures: Iterable[NewCapture | RevisitCapture]) -> list[ReadPage]:
        """Archive some captures; those that are archived already are passed over.

        What comes back are those whose bodies were loaded before: what they say is known.
        """
        by_id = {new.capture_id: new for new in captures}
        if not by_id:
            return []
        times = [new.captured_at for new in by_id.values()]
        con = self._run.con
        known = ledger.known_captures(con, list(by_id), min(times), max(times))
        known |= self._loading.waiting(by_id)
        bodies = [new.body_sha256 for capture_id, new in by_id.items() if capture_id not in known]
        self._held = ledger.first_captures(con, bodies) if bodies else {}
        known_already: list[ReadPage] = []
        for capture_id in known:
            self._run.met.setdefault(capture_id, False)
            passed_over = by_id[capture_id]
            self._passed_over.append(ReadPage(passed_over.url, passed_over.body_sha256))
        records: list[ArchivedRecord] = []
        for capture_id, new in by_id.items():
            if capture_id in known:
                continue
            try:
                capture = self._writer.add(new)
            except KeyError as error:
                self._run.fail(new.url, "body_missing", str(error.args[0]))
                continue
            if capture.body_sha256 in self._held:
                known_already.append(ReadPage(capture.url, capture.body_sha256))
            body = None if capture.unchanged or isinstance(new, RevisitCapture) else new.body
            records.append(ArchivedRecord(capture, body))
        if records:
            self._loading.add(records, self._writer.indexed())
        return known_already

    def archive_non_captures(self, answers: Iterable[NonCapture]) -> None:
        """Archive answers that are no captures."""
        for answer in answers:
            self._writer.add_non_capture(answer)

    def _first(self, sha256: str) -> tuple[str, datetime] | None:
        return self._held.get(sha256)

    @property
    def is_full(self) -> bool:
        """Whether what has been read is enough for a transaction."""
        return self._loading.is_full

    def turn(self) -> list[ReadPage]:
        """Load what is enough for a batch; what pages showed that have been read since."""
        shown = self._shown(self._loading.read())
        if self.is_full:
            self._load()
        return shown

    def read(self) -> list[ReadPage]:
        """Read everything that was added; what it showed."""
        return self._shown(self._loading.read(everything=True))

    def load(self) -> None:
        """Load everything that was added."""
        self.read()
        self._load()

    def links(self, sha256s: Iterable[str]) -> dict[str, list[str]]:
        """Links, as printed, to more of what pages showed that have been read."""
        return self._loading.links(sha256s)

    def _shown(self, read: list[ReadPage]) -> list[ReadPage]:
        shown, self._passed_over = self._passed_over + read, []
        return shown

    def _load(self) -> None:
        self._writer.sync()
        self._loading.load()

"""New captures into the archive as they come, and from there to the loader."""

from collections.abc import Iterable
from datetime import datetime

from extractors.archive.capture_time import checked_time
from extractors.archive.inputs import InputRefusedError
from extractors.archive.reader import ArchivedRecord
from extractors.archive.writer import ArchiveWriter
from extractors.captures import NewCapture, NonCapture, RevisitCapture
from flows.pipeline.lending import with_bodies_held
from flows.pipeline.loader import Loader, ParsedPage
from flows.pipeline.run import Run
from flows.terminal import counted
from warehouse import forgetting, ledger


class Intake:
    """The captures of one run: archived at once, so that a kill loses none; loaded in batches.

    While some of them are being parsed, more can be added. Close it at the end of the run.
    """

    def __init__(self, run: Run, *, follows_links: bool = False) -> None:
        self._run = run
        self._first_captures: dict[str, tuple[str, datetime]] = {}  # of the parses being added
        self._expected: dict[str, tuple[str, datetime]] = {}
        self._writer = ArchiveWriter(
            run.home.archive, run.run_id, run.started_at, self._first_capture
        )
        self._loader = Loader(run, follows_links=follows_links)
        self._may_be_forgotten = forgetting.has_orders(run.con)  # else there is nothing to look up
        self._forgotten: set[str] = set()  # captures that were added, and are forgotten

    def add(self, captures: Iterable[NewCapture | RevisitCapture]) -> None:
        """Archive some captures; skip those that are archived already."""
        timed = (self._timed(capture) for capture in captures)
        by_id = {capture.capture_id: capture for capture in timed if capture is not None}
        if not by_id:
            return
        con = self._run.con
        made = ledger.NO_TIME.including(*(capture.captured_at for capture in by_id.values()))
        pending = self._loader.pending(by_id)
        known = ledger.known_captures(con, by_id, made) - pending
        forgotten = forgetting.forgotten(con, by_id) if self._may_be_forgotten else {}
        archived = known | pending | forgotten.keys()
        self._forgotten.update(forgotten)
        for capture_id in archived:
            self._run.log.capture_outcomes.setdefault(capture_id, False)
            self._run.log.made = self._run.log.made.including(by_id[capture_id].captured_at)
        # A pending capture counts as parsed once it is: its links are unknown until then.
        self._loader.note_parsed(by_id[capture_id] for capture_id in known)
        new = self._allowed(by_id[one] for one in by_id if one not in archived)
        parse_keys = {capture.parse_key for capture in new}
        self._first_captures = {
            key: self._expected[key] for key in parse_keys & self._expected.keys()
        }
        if unexpected := parse_keys - self._expected.keys():
            self._first_captures |= ledger.first_captures(con, unexpected)
        missing = parse_keys - self._first_captures.keys()
        held = forgetting.bodies_held(con, missing) if self._may_be_forgotten else {}
        self._first_captures |= {key: (one.url, one.captured_at) for key, one in held.items()}
        records = [record for capture in new if (record := self._archived(capture))]
        if held:
            records = with_bodies_held(self._run, records)
        self._loader.note_parsed(
            one.capture
            for one in records
            if one.capture.parse_key in self._first_captures and one.capture.parse_key not in held
        )
        if records:
            self._loader.add(records, self._writer.indexed())

    def expect(self, parse_keys: Iterable[str]) -> None:
        """Look up, in one query, the first captures of bodies that are likely to come again."""
        self._expected |= ledger.first_captures(self._run.con, parse_keys)

    def _allowed(
        self, captures: Iterable[NewCapture | RevisitCapture]
    ) -> list[NewCapture | RevisitCapture]:
        """Return the captures whose bodies were not erased; the others are failures."""
        listed = list(captures)
        if not self._may_be_forgotten:
            return listed
        erased = forgetting.erased_bodies(self._run.con, {one.body_sha256 for one in listed})
        for capture in listed:
            if capture.body_sha256 in erased:
                self._run.log.fail(
                    capture.url,
                    "erased",
                    "its bytes were erased at a person's request:"
                    f" `mptf forget --restore {capture.body_sha256}` lets them in again",
                )
        return [capture for capture in listed if capture.body_sha256 not in erased]

    def _timed(self, capture: NewCapture | RevisitCapture) -> NewCapture | RevisitCapture | None:
        """Check the time of a capture; one that cannot be is a failure."""
        log = self._run.log
        try:
            timed = checked_time(capture, self._run.started_at)
        except InputRefusedError as error:
            log.fail(capture.url, "unusable_file", str(error))
            return None
        if timed.given_at is not None:
            log.notes.append(
                f"{capture.url} was captured at {timed.captured_at} ({timed.captured_at_source}),"
                f" not at {timed.given_at} ({capture.captured_at_source})"
            )
        return timed

    def _first_capture(self, parse_key: str) -> tuple[str, datetime] | None:
        return self._first_captures.get(parse_key)

    def _archived(self, capture: NewCapture | RevisitCapture) -> ArchivedRecord | None:
        """Archive one capture; a revisit of a body that is nowhere is a failure."""
        try:
            archived = self._writer.add(capture)
        except KeyError as error:
            self._run.log.fail(capture.url, "body_missing", str(error.args[0]))
            return None
        if archived.unchanged or isinstance(capture, RevisitCapture):
            return ArchivedRecord(archived, None)
        return ArchivedRecord(archived, capture.body)

    def archive_non_captures(self, responses: Iterable[NonCapture]) -> None:
        """Archive responses that are no captures: robots.txt, redirects, errors."""
        for response in responses:
            self._writer.add_non_capture(response)

    def collect(self, *, wait: bool = False) -> None:
        """Take over what has been parsed; with `wait`, parse all that was added."""
        self._loader.collect(wait=wait)

    def take_parsed(self) -> list[ParsedPage]:
        """Return the pages parsed since the last call, those of known bodies included."""
        return self._loader.take_parsed()

    def links(self, parse_keys: Iterable[str]) -> dict[str, list[str]]:
        """Return the links, as printed, of each parsed body to further pages of its subject."""
        return self._loader.links(parse_keys)

    @property
    def is_full(self) -> bool:
        """Return whether enough is parsed for a transaction."""
        return self._loader.is_full

    def load_if_full(self) -> None:
        """Load what is parsed, if it is enough for a transaction."""
        if self.is_full:
            self.load_parsed()

    def load_parsed(self) -> None:
        """Load what is parsed. The archive reaches the disk first."""
        self._writer.sync()
        self._loader.load()

    def load_all(self) -> None:
        """Parse and load everything that was added."""
        self.collect(wait=True)
        self.load_parsed()

    def close(self) -> None:
        """Close the run's archive file, and note the captures that were met and are forgotten."""
        self._writer.close()
        if self._forgotten:
            number, example = len(self._forgotten), min(self._forgotten)
            self._run.log.notes.append(
                f"{counted(number, 'capture is', 'captures are')} forgotten, and not"
                f" loaded: `mptf forget --restore {example}` brings one back"
            )

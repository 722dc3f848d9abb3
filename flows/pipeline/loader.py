"""Archived captures on their way into the tables: read part by part, loaded batch by batch."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Literal, NamedTuple, TypeVar

from extractors.archive.reader import ArchivedRecord
from extractors.records import PARSER_VERSION, Capture
from flows.pipeline.parse import FEWEST_BODIES, Body
from flows.pipeline.run import Run
from transforms.ledger import archive_file_frame, capture_frame, quarantine_frame
from transforms.observe import Observations, merged, page_links
from warehouse import ledger, visits
from warehouse.load import Batch, load
from warehouse.parse_cache import current_bodies, staged_bodies

_PART_BYTES = 4 * 2**20  # of pages that are read at once
_PARTS_AHEAD = 2  # for each process that reads: more would only be held in memory

_Item = TypeVar("_Item")
# Which bodies that are known already are read again: those that an older parser read, or all.
Again = Literal["never", "older", "all"]


class ReadPage(NamedTuple):
    """An address, and the body that it showed, which has been read."""

    url: str
    body_sha256: str


class _Part(NamedTuple):
    """Captures of which the new bodies are being read."""

    captures: list[Capture]
    indexed: Mapping[str, int]
    size: int
    reading: Future[Observations]


class Loading:
    """What one run reads and loads, in the order in which it was added.

    A page's links are known as soon as it is read: who follows them waits for no transaction.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._coming: list[ArchivedRecord] = []
        self._coming_size = 0
        self._indexed: dict[str, int] = {}  # with what is coming
        self._parts: deque[_Part] = deque()
        self._read: list[tuple[_Part, Observations]] = []
        self._links: dict[str, list[str]] = {}  # of bodies that are not loaded yet
        self._waiting: set[str] = set()  # captures that are not loaded yet

    def add(self, records: Iterable[ArchivedRecord], indexed: Mapping[str, int]) -> None:
        """Take some records. `indexed`: how far, with them, archive files will be in the ledger."""
        for record in records:
            is_new = record.body is not None and record.capture.body_sha256 not in self._links
            if is_new:
                self._links[record.capture.body_sha256] = []
            self._coming.append(record if is_new else record._replace(body=None))
            self._coming_size += len(self._coming[-1].body or b"")
            self._waiting.add(record.capture.capture_id)
        self._indexed |= indexed
        settings = self._run.home.settings
        if self._coming_size >= _PART_BYTES or len(self._coming) >= settings.batch_captures:
            self._begin(side_by_side=1)

    def waiting(self, capture_ids: Iterable[str]) -> set[str]:
        """Those of the captures that were added, and are not loaded yet."""
        return self._waiting.intersection(capture_ids)

    def known(self, sha256s: Iterable[str]) -> set[str]:
        """Those of the bodies that were added or are in the warehouse."""
        found = set(sha256s)
        return found & self._links.keys() | ledger.known_bodies(self._run.con, found)

    def links(self, sha256s: Iterable[str]) -> dict[str, list[str]]:
        """Links, as printed, to more of what bodies show; those that are being read have none."""
        wanted = set(sha256s)
        found = {sha256: self._links[sha256] for sha256 in wanted & self._links.keys()}
        rest = wanted - found.keys()
        return found | visits.page_links(self._run.con, rest) if rest else found

    def read(self, *, everything: bool = False) -> list[ReadPage]:
        """What pages showed that have been read since; if wanted, all that was added are."""
        processes = self._run.reader.processes
        if everything and (self._coming or self._indexed):
            self._begin(side_by_side=processes)
        shown: list[ReadPage] = []
        most = 0 if everything else _PARTS_AHEAD * processes
        while self._parts and (len(self._parts) > most or self._parts[0].reading.done()):
            part = self._parts.popleft()
            observations = part.reading.result()
            self._links |= page_links(observations)
            self._read.append((part, observations))
            shown += [ReadPage(capture.url, capture.body_sha256) for capture in part.captures]
        return shown

    @property
    def is_full(self) -> bool:
        """Whether what has been read is enough for a transaction."""
        settings = self._run.home.settings
        return (
            sum(len(part.captures) for part, _ in self._read) >= settings.batch_captures
            or sum(part.size for part, _ in self._read) >= settings.batch_bytes
        )

    def load(self) -> None:
        """Load what has been read in one transaction."""
        if not self._read:
            return
        load_read(
            self._run,
            [capture for part, _ in self._read for capture in part.captures],
            merged([observations for _, observations in self._read]),
            {name: size for part, _ in self._read for name, size in part.indexed.items()},
        )
        for part, _ in self._read:
            for capture in part.captures:
                self._waiting.discard(capture.capture_id)
                self._links.pop(capture.body_sha256, None)
        self._read = []

    def _begin(self, *, side_by_side: int) -> None:
        """Begin to read what is coming, in as many parts as can be and are worth it."""
        records, indexed = self._coming, self._indexed
        self._coming, self._coming_size, self._indexed = [], 0, {}
        new = sum(record.body is not None for record in records)
        parts = max(1, min(side_by_side, new // FEWEST_BODIES))
        share = max(1, -(-len(records) // parts))
        for start in range(0, len(records) or 1, share):
            part = records[start : start + share]
            bodies = {r.capture.body_sha256: r.body for r in part if r.body is not None}
            self._parts.append(
                _Part(
                    captures=[record.capture for record in part],
                    indexed=indexed if start + share >= len(records) else {},
                    size=sum(map(len, bodies.values())),
                    reading=begin_to_read(self._run, bodies),
                )
            )


def begin_to_read(
    run: Run, bodies: Mapping[str, bytes], again: Again = "never"
) -> Future[Observations]:
    """Begin to read bodies that are new; `again` says which of those that are known, too."""
    known = _known(run, bodies, again)
    new = [Body(sha256, body) for sha256, body in bodies.items() if sha256 not in known]
    run.bodies_read += len(new)
    return run.reader.begin(new)


def _known(run: Run, bodies: Iterable[str], again: Again) -> set[str]:
    """The bodies that need not be read."""
    match again:
        case "all":
            return set()
        case "older":
            return current_bodies(run.con, bodies, PARSER_VERSION)
        case "never":
            staged = staged_bodies(run.con, bodies) if run.staged else set()
            return ledger.known_bodies(run.con, bodies) | staged


def load_read(
    run: Run,
    captures: Sequence[Capture],
    observations: Observations,
    indexed: Mapping[str, int],
    *,
    again: bool = False,
) -> None:
    """Load captures, and what their bodies say, in one transaction."""
    batch = Batch(
        observations=observations.frames,
        captures=capture_frame(captures),
        quarantined=quarantine_frame(observations.quarantined),
        archive_files=archive_file_frame(indexed),
    )
    load(run.con, batch, again=again, staged=run.staged)
    for capture in captures:
        run.met[capture.capture_id] = not capture.unchanged


def in_parts(
    run: Run, items: Iterable[_Item], size_of: Callable[[_Item], int]
) -> Iterator[list[_Item]]:
    """Items by as many as are read at once."""
    part: list[_Item] = []
    size = 0
    for item in items:
        part.append(item)
        size += size_of(item)
        if len(part) >= run.home.settings.batch_captures or size >= _PART_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part

"""Archived captures into the warehouse: parsed part by part, loaded batch by batch."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Literal, NamedTuple, TypeVar

from extractors.archive.reader import ArchivedRecord
from extractors.captures import NewCapture, RevisitCapture
from extractors.ids import api_query_of
from extractors.ledger import Capture
from extractors.records import PARSER_VERSION
from flows.pipeline.parse import MIN_BODIES, Body
from flows.pipeline.run import Run
from transforms.batches import Observations, Typed, page_links, validated
from transforms.ledger import archive_file_frame, capture_frame, quarantine_frame
from transforms.readings import without
from warehouse import ledger, visits
from warehouse.load import Batch, load
from warehouse.parse_cache import current_bodies, staged_bodies

_PART_BYTES = 4 * 2**20  # bytes of pages that are parsed in one call
_PARTS_AHEAD = 2  # for each worker process; more would only wait in memory

_Item = TypeVar("_Item")
# Which known bodies are parsed again: none, those that an older parser parsed, or all.
Reparse = Literal["never", "older", "all"]


class ParsedPage(NamedTuple):
    """A URL, and the key of what was parsed from it."""

    url: str
    parse_key: str


class _Part(NamedTuple):
    """Captures whose new bodies are being parsed."""

    captures: list[Capture]
    indexed: Mapping[str, int]
    size: int
    parsing: Future[Typed] | Future[Observations]


class Loader:
    """Archived records on their way into the tables, in the order in which they were added.

    The links of a page are known as soon as it is parsed: following them waits for no transaction.
    """

    def __init__(self, run: Run, *, follows_links: bool = False) -> None:
        self._run = run
        self._follows_links = follows_links  # else nobody takes the parsed pages
        self._added: list[ArchivedRecord] = []
        self._added_bytes = 0
        self._indexed: dict[str, int] = {}  # of the records added
        self._parsing: deque[_Part] = deque()
        self._parsed: list[tuple[_Part, Typed | Observations]] = []
        self._parsed_pages: list[ParsedPage] = []
        self._links: dict[str, list[str]] = {}  # of bodies that are not loaded yet
        self._pending: set[str] = set()  # captures that are not loaded yet

    def add(self, records: Iterable[ArchivedRecord], indexed: Mapping[str, int]) -> None:
        """Add some records; start to parse when there are enough for a part.

        Args:
            records: archived records; a body that was added before is parsed once.
            indexed: of each archive file, up to which byte the ledger knows it with these records.
        """
        for record in records:
            is_new = record.body is not None and record.capture.parse_key not in self._links
            if is_new:
                self._links[record.capture.parse_key] = []
            self._added.append(record if is_new else record._replace(body=None))
            self._added_bytes += len(self._added[-1].body or b"")
            self._pending.add(record.capture.capture_id)
        self._indexed |= indexed
        batch_captures = self._run.home.settings.batch_captures
        if self._added_bytes >= _PART_BYTES or len(self._added) >= batch_captures:
            self._start_parsing(processes=1)

    def add_parsed(self, captures: Sequence[Capture], observations: Observations) -> None:
        """Add captures whose bodies were parsed before; they load after all that was added."""
        if self._added:
            self._start_parsing(processes=1)
        indexed, self._indexed = self._indexed, {}
        bodies = {capture.parse_key for capture in captures}
        twice = bodies & self._links.keys()  # in a part that is not loaded yet
        self._links |= {parse_key: [] for parse_key in bodies - twice}
        self._pending.update(capture.capture_id for capture in captures)
        done: Future[Observations] = Future()
        done.set_result(without(observations, twice))
        self._parsing.append(_Part(list(captures), indexed, 0, done))

    def pending(self, capture_ids: Iterable[str]) -> set[str]:
        """Return those of the captures that were added and are not loaded yet."""
        return self._pending.intersection(capture_ids)

    def known_parses(self, parse_keys: Iterable[str]) -> set[str]:
        """Return those of the parses that were added, or are in the warehouse."""
        wanted = set(parse_keys)
        return wanted & self._links.keys() | ledger.known_parses(self._run.con, wanted)

    def links(self, parse_keys: Iterable[str]) -> dict[str, list[str]]:
        """Return the links, as printed, of each parsed body to further pages of its subject."""
        wanted = set(parse_keys)
        found = {parse_key: self._links[parse_key] for parse_key in wanted & self._links.keys()}
        rest = wanted - found.keys()
        return found | visits.page_links(self._run.con, rest) if rest else found

    def collect(self, *, wait: bool = False) -> None:
        """Take over the parts that have been parsed; with `wait`, parse and wait for all."""
        processes = self._run.parser.processes
        if wait and (self._added or self._indexed):
            self._start_parsing(processes=processes)
        most = 0 if wait else _PARTS_AHEAD * processes
        while self._parsing and (len(self._parsing) > most or self._parsing[0].parsing.done()):
            part = self._parsing.popleft()
            found = part.parsing.result()
            self._links |= page_links(found)
            self._parsed.append((part, found))
            self.note_parsed(part.captures)

    def note_parsed(self, captures: Iterable[NewCapture | RevisitCapture | Capture]) -> None:
        """Let captures whose bodies are known count as parsed pages."""
        if self._follows_links:
            self._parsed_pages += [ParsedPage(one.url, one.parse_key) for one in captures]

    def take_parsed(self) -> list[ParsedPage]:
        """Return the pages parsed since the last call."""
        pages, self._parsed_pages = self._parsed_pages, []
        return pages

    @property
    def is_full(self) -> bool:
        """Return whether enough is parsed for a transaction."""
        settings = self._run.home.settings
        return (
            sum(len(part.captures) for part, _ in self._parsed) >= settings.batch_captures
            or sum(part.size for part, _ in self._parsed) >= settings.batch_bytes
        )

    def load(self) -> None:
        """Load everything that is parsed, in one transaction."""
        if not self._parsed:
            return
        captures = [capture for part, _ in self._parsed for capture in part.captures]
        _load_batch(
            self._run,
            captures,
            validated([found for _, found in self._parsed]),
            {name: size for part, _ in self._parsed for name, size in part.indexed.items()},
        )
        for capture in captures:
            self._pending.discard(capture.capture_id)
            self._links.pop(capture.parse_key, None)
        self._parsed = []

    def _start_parsing(self, *, processes: int) -> None:
        """Start to parse what was added, in at most so many parts, each worth a process."""
        records, indexed = self._added, self._indexed
        self._added, self._added_bytes, self._indexed = [], 0, {}
        new = sum(record.body is not None for record in records)
        parts = max(1, min(processes, new // MIN_BODIES))
        share = max(1, -(-len(records) // parts))
        for start in range(0, len(records) or 1, share):
            part = records[start : start + share]
            bodies = bodies_of(part)
            self._parsing.append(
                _Part(
                    captures=[record.capture for record in part],
                    indexed=indexed if start + share >= len(records) else {},
                    size=sum(len(body.content) for body in bodies.values()),
                    parsing=_start_parsing(self._run, bodies, "never"),
                )
            )


def load_records(
    run: Run, records: Sequence[ArchivedRecord], indexed: Mapping[str, int],
    *, reparse: Reparse = "never",
) -> None:  # fmt: skip
    """Load archived records in one transaction; bodies that are known are not parsed again.

    Args:
        run: the run that loads.
        records: archived records.
        indexed: of each archive file, up to which byte the ledger knows it with these records.
        reparse: which known bodies are parsed again all the same.
    """
    observations = validated([_start_parsing(run, bodies_of(records), reparse).result()])
    captures = [record.capture for record in records]
    _load_batch(run, captures, observations, indexed, again=reparse != "never")


def in_parts(
    run: Run, items: Iterable[_Item], size_of: Callable[[_Item], int]
) -> Iterator[list[_Item]]:
    """Yield items in lists, each about as much as is parsed in one call."""
    return portions(items, size_of, run.home.settings.batch_captures, _PART_BYTES)


def portions(
    items: Iterable[_Item], size_of: Callable[[_Item], int], most: int, most_bytes: int
) -> Iterator[list[_Item]]:
    """Yield items in lists that end with so many items, or so many bytes."""
    part: list[_Item] = []
    size = 0
    for item in items:
        part.append(item)
        size += size_of(item)
        if len(part) >= most or size >= most_bytes:
            yield part
            part, size = [], 0
    if part:
        yield part


def _start_parsing(run: Run, bodies: Mapping[str, Body], reparse: Reparse) -> Future[Typed]:
    """Start to parse the bodies that are new, and those that `reparse` adds."""
    known = _parsed_before(run, bodies, reparse)
    new = [body for parse_key, body in bodies.items() if parse_key not in known]
    run.log.bodies_parsed += len(new)
    return run.parser.submit(new)


def _parsed_before(run: Run, parse_keys: Iterable[str], reparse: Reparse) -> set[str]:
    """Return the bodies that need no parsing."""
    match reparse:
        case "all":
            return set()
        case "older":
            return current_bodies(run.con, parse_keys, PARSER_VERSION)
        case "never":
            staged = staged_bodies(run.con, parse_keys) if run.reuses_parses else set()
            return ledger.known_parses(run.con, parse_keys) | staged


def _load_batch(
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
    load(run.con, batch, again=again, staged=run.reuses_parses, derives=run.derives)
    if not run.log.counts_all:
        for capture in captures:
            run.log.capture_outcomes[capture.capture_id] = not capture.unchanged
        run.log.made = run.log.made.including(*(capture.captured_at for capture in captures))


def bodies_of(records: Iterable[ArchivedRecord]) -> dict[str, Body]:
    """Return the bodies of the records that have one, by the key of their parse."""
    bodies = {}
    for record in records:
        capture, body = record.capture, record.body
        if body is not None:
            bodies[capture.parse_key] = Body(
                capture.parse_key, body, api_query_of(capture.url), capture.cut_short
            )
    return bodies

"""What a web archive holds of a programme or fund, and its captures, each body fetched once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from extractors.captures import NewCapture, RevisitCapture
from extractors.fetch.clock import Clock
from extractors.fetch.errors import TRANSIENT, Failure, WebArchiveError
from extractors.fetch.http import host_of
from extractors.fetch.wayback import BadRow, CdxRow, NotAPage, WebArchive, cdx_digest
from extractors.profiles.read import load_profile
from flows.crawl.selection import BackfillSelection, Chosen
from flows.crawl.site import open_client, rate_limiter
from flows.pipeline.run import Run
from flows.settings import Settings
from flows.terminal import counted
from warehouse import ledger
from warehouse.connection import Connection

_MOST_FAILURES = 3  # in a row


class Patience:
    """The patience with a web archive, which gives up after a few failures in a row.

    Each of them was tried five times already, with waits of up to ten minutes.
    """

    def __init__(self) -> None:
        self._in_a_row = 0

    def answered(self) -> None:
        """Begin to count anew."""
        self._in_a_row = 0

    def failed(self, kind: str) -> None:
        """Count a failure, unless the archive has answered.

        Raises:
            WebArchiveError: it was one too many.
        """
        self._in_a_row = self._in_a_row + 1 if kind in TRANSIENT else 0
        if self._in_a_row == _MOST_FAILURES:
            raise WebArchiveError(
                f"the web archive stopped answering: {_MOST_FAILURES} requests failed in a row, and"
                " nothing was requested after them; run the same command again later"
            )


@dataclass
class Plan:
    """What a web archive lists of one subject: captures to fetch by digest, and the others."""

    subject: Chosen
    by_digest: dict[str, list[CdxRow]] = field(default_factory=dict)
    bad_rows: list[str] = field(default_factory=list)
    archived_before: int = 0
    not_pages: int = 0

    @property
    def captures(self) -> int:
        """Return how many captures the archive lacks."""
        return sum(map(len, self.by_digest.values()))

    @property
    def is_empty(self) -> bool:
        """Return whether the web archive lists no page of it."""
        return not (self.by_digest or self.archived_before or self.bad_rows)

    @property
    def requests(self) -> int:
        """Return how many replays are needed at least: one for each digest."""
        return len(self.by_digest)


def plan_of(
    web: WebArchive,
    con: Connection | None,
    settings: Settings,
    subject: Chosen,
    selection: BackfillSelection,
) -> Plan:
    """Return what the web archive lists of a programme or fund, less what the archive holds.

    A fund's URLs are those with a query too, which ask for its statement of an earlier month.

    Raises:
        FetchError: the index cannot be fetched.
        BadIndexError: its answer is no index.
    """
    known = ledger.times_captured(con, subject.key, "wayback") if con else set()
    plan = Plan(subject)
    planned: set[tuple[str, datetime]] = set()
    for path in _paths(settings, subject):
        for listed in web.search(settings.archived_host + path, selection.first, selection.last):
            if isinstance(listed, BadRow):
                plan.bad_rows.append(listed.text)
                continue
            key = (listed.url, listed.captured_at)
            if not subject.owns(listed.original) or key in planned:
                continue
            planned.add(key)
            if not listed.is_page:
                plan.not_pages += 1
            elif key in known:
                plan.archived_before += 1
            else:
                plan.by_digest.setdefault(listed.digest, []).append(listed)
    for rows in plan.by_digest.values():
        rows.sort()
    return plan


def _paths(settings: Settings, subject: Chosen) -> list[str]:
    """Return the paths of a subject in both forms of the site, whatever form it has now."""
    classic = load_profile("classic")
    if subject.kind == "programme":
        paths = settings.programme_paths or classic.programme_paths
        return [path.format(programme_id=subject.key) for path in paths]
    names = {"fund_code": subject.key, "fund_code_lower": subject.key.lower()}
    return [path.format_map(names) for path in settings.fund_paths or classic.fund_paths]


def plan_line(plan: Plan) -> str:
    """Return a line that says how many captures a plan takes, and by how many requests."""
    bad = len(plan.bad_rows)
    return (
        f"{plan.subject}: {counted(plan.captures, 'capture')} to take by"
        f" {counted(plan.requests, 'request')}, {plan.archived_before} there already,"
        f" {counted(plan.not_pages, 'redirect or error', 'redirects and errors')}"
        + (f", {counted(bad, 'row')} of the index that cannot be read" if bad else "")
    )


@contextmanager
def open_web_archive(settings: Settings, clock: Clock) -> Iterator[WebArchive]:
    """Open the web archive, which allows 60 index requests a minute, and 600 replays.

    Raises:
        SettingsError: one of its delays is 0, and it is not on this machine.
    """
    host = host_of(settings.wayback_url)
    index = rate_limiter(settings, "wayback_index_delay", host, f"{host}-index", clock)
    replay = rate_limiter(settings, "wayback_replay_delay", host, f"{host}-replay", clock)
    with open_client(settings, host) as client:
        yield WebArchive(settings.wayback_url, client, index, replay, clock)


def replayed(
    run: Run, web: WebArchive, digest: str, listed: Sequence[CdxRow], patience: Patience
) -> Iterator[NewCapture | RevisitCapture]:
    """Yield the captures of one digest: one is fetched, the others are revisits of its body.

    If the body of the fetched one has another digest, the next is fetched as well.

    Raises:
        WebArchiveError: the web archive stopped answering.
    """
    proof: NewCapture | None = None
    for row in listed:
        if proof is not None:
            yield RevisitCapture(
                row.url, row.captured_at, "index", "wayback", proof.body_sha256,
                proof.body_bytes, proof.http_status, cut_short=proof.cut_short,
            )  # fmt: skip
            continue
        match web.replay(row):
            case NewCapture() as capture:
                patience.answered()
                yield capture
                if cdx_digest(capture.body) == digest:
                    proof = capture
            case NotAPage(url, status):
                patience.answered()
                run.log.notes.append(f"{url} at {row.timestamp}: an archived {status}, passed over")
            case Failure() as failure:
                subject = f"{row.original} at {row.timestamp}"
                run.log.fail(subject, failure.kind, failure.detail)
                patience.failed(failure.kind)

"""Nights of syncs against the stand-in, and what a visitor's notebook would hold after them.

The notebook knows the stand-in's books and which pages were captured when, and nothing of how pages
are read: it writes down, at each visit, what the books say that the page showed.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from extractors.ids import programme_id_of
from flows.crawl.selection import Selection
from flows.pipeline.home import Home
from flows.pipeline.report import problem_lines
from flows.pipeline.run import open_run
from flows.settings import Settings
from flows.sync import sync
from replica.books.moments import moment
from replica.books.truth import programme_facts
from replica.server.serving import Running
from replica.world import World
from tests.flows.tables import ask
from tests.homes import with_warehouse
from transforms.organizations import canonical_organization
from warehouse.runs import Counts

SITE = "http://gateway.example"
MEASURES = (
    "approved_budget", "net_funded", "transfers", "refunds", "expenditure", "delivery_rate",
)  # fmt: skip
# For nights of which a site that does not answer is part; a busy machine may answer as late.
IMPATIENT = {"step_seconds": 0.3, "answer_seconds": 0.5}
# The kinds of pages that show figures, by the names that the books have for them.
PAGES = {"programme_factsheet": "factsheet", "figures_excel": "excel"}
Row = tuple[str, str, int | None]  # programme, organization, year


class StandIn(Protocol):
    """The stand-in, in this process or in another."""

    base_url: str

    @property
    def now(self) -> datetime:
        """Its time."""
        ...

    def move_to(self, now: datetime) -> None:
        """Move its time."""
        ...


class SiteTime:
    """A clock that goes by the stand-in's time, and moves it by sleeping."""

    def __init__(self, running: StandIn) -> None:
        self._running = running

    def now(self) -> float:
        return self._running.now.replace(tzinfo=UTC).timestamp()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self._running.move_to(self._running.now + timedelta(seconds=seconds))


def home_for(folder: Path, running: StandIn, **settings: Any) -> Home:
    """A home whose site is the stand-in, asked politely in the stand-in's time."""
    given = {
        "home": with_warehouse(folder), "base_url": running.base_url, "known_as": SITE,
        "shortest_delay": 0.5,
        "turnstiles": folder.parent / "turnstiles", "processes": 0, "step_seconds": 60,
        "answer_seconds": 120, **settings,
    }  # fmt: skip
    return Home(Settings(**given))


def night(
    home: Home, running: StandIn, started_at: datetime | None = None, **wanted: Any
) -> tuple[Counts, list[str]]:
    """One sync at the stand-in's time: its counts, and its problems line by line.

    It takes itself to have begun at `started_at`, as a machine whose clock is wrong does.
    """
    chosen = Selection(**{"everything": "programmes" not in wanted, **wanted})
    with open_run(home, chosen.command, started_at or running.now) as run:
        sync(run, chosen, SiteTime(running))
        return run.counts(), problem_lines(run)


COLUMNS = ", ".join(
    f"{measure}_{'pct' if measure == 'delivery_rate' else 'usd'}" for measure in MEASURES
)


def figures_shown(
    world: World, programme_id: str, at: datetime, kind: str
) -> dict[Row, dict[str, int]]:
    """The figures that a page of a kind shows, in dollars and tenths of a percent, without sums."""
    records = world.gateway.records
    found: dict[Row, dict[str, int]] = {}
    facts = programme_facts(records, records.portfolio.by_id[programme_id], moment(at))
    for key, value in facts.items():
        fact = dict(key)
        if fact["kind"] != "figure" or fact["page"] != PAGES[kind]:
            continue
        named = fact["organization"]
        organization = "(all)" if named is None else canonical_organization(str(named))[0]
        printed_year = fact["fiscal_year"]
        year = None if printed_year is None else int(printed_year)
        assert isinstance(value, int)
        found.setdefault((programme_id, organization, year), {})[str(fact["measure"])] = value
    of_organizations = {row[2] for row in found if row[1] != "(all)"}
    return {
        row: measures
        for row, measures in found.items()
        if row[1] != "(all)" or row[2] not in of_organizations
    }


class Notebook:
    """What a visitor saw last of every row, on factsheets (all their pages) and Excel views."""

    def __init__(self, world: World, running: Running) -> None:
        self._world = world
        self._running = running
        self._shown: dict[Row, dict[str, int]] = {}
        self._since = -1
        self._visits = 0

    def write_down(self, home: Home) -> None:
        """Take what the captures since the last time must have shown."""
        rows = ask(
            home.warehouse,
            "SELECT url, captured_at, http_status, page_kind, run_id FROM raw.capture"
            " WHERE state = 'loaded' AND subject = 'programme' ORDER BY captured_at, url",
        )
        odd = self._odd_requests()
        for url, at, status, kind, _ in rows[self._visits :]:
            assert isinstance(url, str)
            assert isinstance(at, datetime)
            assert isinstance(kind, str)
            fault = odd.get((url.removeprefix(SITE), at))
            if fault == "no_tables" or (fault == "lying_validator" and status == 304):
                continue
            if kind not in PAGES:
                continue
            programme_id = programme_id_of(url)
            assert programme_id is not None
            self._shown |= figures_shown(self._world, programme_id, at, kind)
        self._visits = len(rows)

    def _odd_requests(self) -> dict[tuple[str, datetime], str]:
        return {
            (entry.target, entry.now.replace(microsecond=0)): entry.fault
            for entry in self._running.log()
            if entry.fault
        }

    def differences(self, home: Home) -> list[str]:
        """Rows whose newest vintage is not what was seen last."""
        rows: list[tuple[Any, ...]] = ask(
            home.warehouse,
            f"SELECT programme_id, organization, fiscal_year, {COLUMNS}"  # noqa: S608 because the columns are those above
            " FROM (FROM core.expenditure_snapshot UNION ALL BY NAME"
            "   SELECT NULL AS fiscal_year, * FROM core.cumulative_snapshot)"
            " QUALIFY row_number() OVER (PARTITION BY programme_id, organization, fiscal_year"
            "   ORDER BY known_from DESC) = 1",
        )
        newest: dict[Row, dict[str, Any]] = {
            (programme, organization, year): dict(zip(MEASURES, values, strict=True))
            for programme, organization, year, *values in rows
        }
        wrong = []
        for row, measures in self._shown.items():
            got = newest.get(row)
            for measure, value in measures.items():
                scale = 10 if measure == "delivery_rate" else 1
                if got is None or got[measure] is None or got[measure] * scale != value:
                    wrong.append(f"{row} {measure}: seen {value}, held {got and got[measure]}")
        extra = set(newest) - set(self._shown)
        return wrong + [f"{row}: held, and never seen" for row in sorted(extra, key=str)]

    @property
    def rows(self) -> int:
        """How many rows were ever seen."""
        return len(self._shown)

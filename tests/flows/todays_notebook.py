"""What a visitor's notebook would hold of the answers of today's API.

The notebook knows the stand-in's books and which calls were captured when, and nothing of how
answers are read: it writes down, at each capture, what the books say that the answer showed.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from flows.pipeline.home import Home
from replica.books.moments import moment
from replica.server.serving import Running
from replica.today.api import renamed_column
from replica.today.calls import asked_by
from replica.today.names import BASE
from replica.today.tables import TableRow
from replica.today.words import Role
from replica.world import World
from tests.flows.nights import COLUMNS, MEASURES, SITE, Notebook
from tests.flows.tables import ask
from transforms.organizations import canonical_organization

_OF_ORGANIZATIONS = (
    "approved_budget_usd, net_funded_usd, expenditure_usd, delivery_rate_pct, known_from"
)
_MEASURES: dict[Role, tuple[str, ...]] = {
    "programme_figures": MEASURES,
    "organizations": ("approved_budget", "net_funded", "expenditure", "delivery_rate"),
    "contributions": ("commitments", "deposits"),
}
# All vintages of what a method shows: four keys, the measures, and since when they are known.
_HELD: dict[Role, str] = {
    "programme_figures": (
        f"SELECT programme_id, organization, fiscal_year, fiscal_year, {COLUMNS}, known_from"  # noqa: S608 because the columns are those of nights
        " FROM core.expenditure_snapshot"
    ),
    "organizations": (
        f"SELECT agency_code, organization, fiscal_year, fiscal_year, {_OF_ORGANIZATIONS}"  # noqa: S608 because the columns are those above
        " FROM core.organization_snapshot"
        f" UNION ALL SELECT agency_code, organization, from_year, to_year, {_OF_ORGANIZATIONS}"
        " FROM core.organization_cumulative_snapshot"
    ),
    "contributions": (
        "SELECT fund_code, contributor, fiscal_year, fiscal_year, commitments_usd, deposits_usd,"
        " known_from FROM core.contribution_snapshot"
    ),
}  # fmt: skip
Key = tuple[Role, str, str, int, int]  # programme, agency or fund; who; first and last year
Amounts = dict[str, Decimal]


class TodaysNotebook(Notebook):
    """What a visitor saw last of every row of the API's answers, measure by measure."""

    def __init__(self, world: World, running: Running) -> None:
        super().__init__(world, running)
        self._seen: dict[Key, Amounts] = {}

    def write_down(self, home: Home) -> None:
        """Take what the captures since the last time must have shown."""
        rows = ask(
            home.warehouse,
            "SELECT url, captured_at, http_status FROM raw.capture"
            " WHERE state = 'loaded' AND page_kind = 'api_answer' ORDER BY captured_at, url",
        )
        odd = self._odd_requests()
        for url, at, status in rows[self._visits :]:
            assert isinstance(url, str)
            assert isinstance(at, datetime)
            path = url.removeprefix(SITE)
            fault = odd.get((path, at))
            if fault == "lying_validator" and status == 304:
                continue
            for key, amounts in self._answered(path, at, fault):
                self._seen.setdefault(key, {}).update(amounts)
        self._visits = len(rows)

    def differences(self, home: Home) -> list[str]:
        """Rows whose newest vintage is not what was seen last, measure by measure."""
        newest = dict(_held(home))
        wrong = [
            f"{key} {measure}: seen {value}, held {newest.get(key, {}).get(measure)}"
            for key, amounts in self._seen.items()
            for measure, value in amounts.items()
            if newest.get(key, {}).get(measure) != value
        ]
        extra = sorted(newest.keys() - self._seen.keys())
        return wrong + [f"{key}: held, and never seen" for key in extra]

    def _answered(
        self, path: str, at: datetime, fault: str | None
    ) -> Iterator[tuple[Key, Amounts]]:
        """Yield the rows that a call's answer shows; none of those whose key is not shown."""
        today = self._world.today
        name, _, rest = path.removeprefix(BASE).partition("/")
        method = today.names.by_name(name)
        assert method is not None
        if method.role not in _HELD:
            return
        filters = dict(part.partition(":")[::2] for part in rest.rpartition("/")[2].split(","))
        asked = asked_by(method, filters)
        assert asked is not None
        rows = today.tables.rows(method, asked, moment(at))
        if fault == "short_list":
            rows = rows[: (len(rows) + 1) // 2]
        elif fault == "repeated_key":
            rows = rows[1:]
        hidden = renamed_column(method, path) if fault == "renamed_column" else ""
        for row in rows:
            if key := _key(method.role, row, asked.years, hidden):
                amounts = {
                    measure: Decimal(value)
                    for measure in _MEASURES[method.role]
                    if measure != hidden and (value := row[measure]) is not None
                }
                if amounts:
                    yield key, amounts


def _key(role: Role, row: TableRow, years: range, hidden: str) -> Key | None:
    """Return a row's key; None where a column without which nothing can be told is hidden."""
    if role == "contributions":
        subject, who = "fund_code", row["contributor"]
        needed = {"fund_code", "contributor"}
    else:
        subject = "programme_id" if role == "programme_figures" else "agency_code"
        who = canonical_organization(row["organization"] or "", row["agency_code"])[0]
        needed = {subject, "organization"}
    if hidden in needed:
        return None
    named = row[subject] or ""
    year = row.get("fiscal_year")
    first, last = (int(year), int(year)) if year else (years[0], years[-1])
    return role, named.zfill(8) if subject == "programme_id" else named, who or "", first, last


def _held(home: Home) -> Iterator[tuple[Key, Amounts]]:
    """Yield the newest vintage of every row, measure by measure."""
    for role, query in _HELD.items():
        vintages: list[tuple[Any, ...]] = ask(home.warehouse, f"{query} ORDER BY known_from")
        for subject, who, first, last, *values, _ in vintages:
            yield (role, subject, who, first, last), dict(zip(_MEASURES[role], values, strict=True))

"""Answers of the API, loaded night by night: the tables hold what a visitor of that night saw."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.captures import NewCapture
from flows.pipeline.home import Home
from flows.pipeline.intake import Intake
from flows.pipeline.run import open_run, utc_now
from flows.settings import Settings
from flows.verify import verify
from replica.http import Request
from replica.today.calls import call_of
from replica.today.truth import today_truth
from replica.today.words import Role
from replica.world import World, open_world
from tests.flows.tables import ask, dump
from transforms.organizations import canonical_organization

_SITE = "https://mptf.undp.org"
_HEADERS = {"drupal-page-url": "/partners/organizations", "referer": f"{_SITE}/partners/"}
_ROLES: tuple[Role, ...] = ("organizations", "programme_figures", "contributions")
_NIGHTS = [
    datetime.fromisoformat(day)
    for day in (
        "2013-11-20T03:00", "2014-04-29T23:30", "2014-05-01T00:10", "2014-09-01T03:00",
        "2015-04-20T03:00", "2015-06-15T03:00", "2016-02-01T03:00", "2016-06-15T03:00",
    )
]  # fmt: skip


def _captures(world: World, night: datetime) -> list[NewCapture]:
    captures = []
    for role in _ROLES:
        for year in range(2008, night.year + 1):
            path = call_of(world.today.names, role, years=(year, year)).path
            answer = world.answer(Request("GET", path, "", _HEADERS), night)
            assert answer.status == 200
            captures.append(
                NewCapture(f"{_SITE}{path}", night, "fetch", "gateway", answer.body, 200)
            )
    return captures


def _load(home: Home, captures: Sequence[NewCapture]) -> None:
    with open_run(home, "ingest", utc_now()) as run, closing(Intake(run)) as intake:
        intake.add(captures)
        intake.load_all()
        assert {row.rule for row in run.quarantined()} <= {"api_empty"}  # of a year without rows


def _seen(facts: list[dict[str, Any]], kind: str, night: datetime) -> dict[Any, dict[str, int]]:
    """What a visitor of a night saw, in cents and hundredths of a percent, by row."""
    rows: defaultdict[Any, dict[str, int]] = defaultdict(dict)
    for fact in facts:
        from_time, until = fact["shown_from"], fact["shown_until"]
        if fact["kind"] != kind or fact.get("page", "api") != "api":
            continue
        if from_time <= str(night) and (until is None or str(night) < until):
            if int(str(fact["fiscal_year"])) < 2008:
                continue
            rows[_key(fact)][str(fact["measure"])] = fact["value"]
    return dict(rows)


def _key(fact: dict[str, Any]) -> tuple[Any, ...]:
    names = ("programme_id", "fund_code", "agency_code", "organization", "contributor")
    values = [fact[name] for name in names if name in fact]
    return (*values, fact["fiscal_year"])


def _shown(home: Home, table: str, key: str, measures: dict[str, str]) -> dict[Any, dict[str, int]]:
    """The newest vintages, in the same units as the truth."""
    columns = [
        f"CAST({column} * {1 if name == 'fund_count' else 100} AS BIGINT)"
        for name, column in measures.items()
    ]
    found = ask(
        home.warehouse,
        f"SELECT ({key}), {', '.join(columns)} FROM {table}"  # noqa: S608 because the names are this test's
        f" QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY known_from DESC) = 1",
    )
    shown: dict[Any, dict[str, int]] = {}
    for row, *values in found:
        shown[row] = dict(_filled(measures, values))
    return shown


def _filled(names: Iterable[str], values: Iterable[Any]) -> Iterator[tuple[str, int]]:
    return ((name, value) for name, value in zip(names, values, strict=True) if value is not None)


_OF_PROGRAMMES = {
    "approved_budget": "approved_budget_usd", "net_funded": "net_funded_usd",
    "transfers": "transfers_usd", "refunds": "refunds_usd", "expenditure": "expenditure_usd",
}  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_after_every_night_the_tables_hold_what_the_api_answered(seed: int, tmp_path: Path) -> None:
    world = open_world(seed, 24, layout="today")
    facts = list(today_truth(world.today.records, _NIGHTS[-1]))
    home = Home(Settings(home=tmp_path / "home"))
    everything: list[NewCapture] = []
    for night in _NIGHTS:
        captures = _captures(world, night)
        everything += captures
        _load(home, captures)
        organizations = _shown(
            home, "core.organization_snapshot", "agency_code, organization, fiscal_year",
            {
                "approved_budget": "approved_budget_usd", "net_funded": "net_funded_usd",
                "expenditure": "expenditure_usd",
            },
        )  # fmt: skip
        for row, seen in _seen(facts, "organization_year", night).items():
            expected = {name: value for name, value in seen.items() if name in organizations[row]}
            assert organizations[row] == expected
            assert "expenditure" in expected
        contributions = _shown(
            home, "core.contribution_snapshot", "fund_code, contributor, fiscal_year",
            {"commitments": "commitments_usd", "deposits": "deposits_usd"},
        )  # fmt: skip
        assert contributions == _seen(facts, "contribution", night)
        figures = _shown(
            home, "core.expenditure_snapshot", "programme_id, organization, fiscal_year",
            _OF_PROGRAMMES,
        )  # fmt: skip
        for (programme_id, organization, year), seen in _seen(facts, "figure", night).items():
            row = (programme_id, canonical_organization(organization)[0], year)
            expected = {name: value for name, value in seen.items() if name in _OF_PROGRAMMES}
            assert {name: figures[row].get(name) for name in expected} == expected
    assert verify(home, utc_now()) == []
    other = Home(Settings(home=tmp_path / "other"))
    random.Random(seed).shuffle(everything)  # noqa: S311 because nothing is secret
    for start in range(0, len(everything), 40):
        _load(other, everything[start : start + 40])
    assert dump(other.warehouse) == dump(home.warehouse)
